"""Words that say what a line is: the set phrases of newspapers, as patterns."""

from __future__ import annotations

import re
from dataclasses import dataclass

from baozhai_model.structure import Role

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤方俞任袁柳"
    "鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计成戴宋庞熊纪舒"
    "屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房解应宗丁宣邓郁单洪包诸左石崔吉龚"
    "程邢裴陆荣翁荀羊惠曲封储靳段富巫焦巴牧车侯全班秋仲伊宫宁仇甘厉祖武符刘景詹束龙叶幸司黎溥印白蒲索赖卓蔺屠蒙池乔胥苍双闻莘"
    "翟谭劳姬申冉桑桂牛寿通边燕冀尚农温别庄晏柴瞿阎充慕连习艾鱼容向古易慎戈廖庾终居衡步都耿满弘匡国文寇广欧利师巩聂晁敖冷辛简"
    "饶曾沙养鞠关相查后游权益仝佟肖闫苟付覃岳帅涂代冼靖原芦逯苑官由党战栾邸丛"
)
_PERSON = f"[{_SURNAMES}](?:[\u4e00-\u9fff]{{1,2}}|\\s{{1,3}}[\u4e00-\u9fff])"
_OUTLET = (
    r"(?:新华社|新华网|中新社|中新网|人民网|央视网|光明网|中国网|本报|本刊|本网|本台|"
    "[\u4e00-\u9fff]{2,6}(?:日报|晚报|晨报|早报|时报))"
)
_WRITER = "(?:(?:特约|见习|实习|首席|全媒体|融媒体|特派|驻[\u4e00-\u9fff]{1,6})*(?:记者|通讯员|评论员|撰稿人|实习生))"
_NUMBER = "[0-9０-９一二三四五六七八九十]{1,3}"
_PAGE = rf"第?\s*[A-Z]?{_NUMBER}\s*版"
_DAY = "[0-9０-９]{1,2}月[0-9０-９]{1,2}日"
_YEAR = "[0-9０-９]{4}年"
# 新华社北京7月18日电, 本报讯; never 本报记者走进发电站.
_WIRED = (
    rf"{_OUTLET}(?:(?:{_WRITER}[\u4e00-\u9fff\s]{{2,8}})?[\u4e00-\u9fff、／/\s]{{0,12}}?(?:{_YEAR})?{_DAY}\s*专?[电讯]"
    rf"|[\u4e00-\u9fff]{{0,4}}?[电讯](?=[\s（(：:）)]|\Z)|讯)"
)
# 【本报台北讯】, 【大公报讯】 and 【记者王小明／台北报导】 open reports in Taiwan and Hong Kong.
_BRACKETED = "【[\u4e00-\u9fff]{2,10}讯】"
_REPORTED = r"(?:特[约派])?记者\s*[\u4e00-\u9fff、\s]{2,16}[／/]\s*[\u4e00-\u9fff]{2,8}[报综]导"
_ARROWS = "▲△▼▽▶▷→◀◁←↑↓"
_EDITOR = (
    r"(?:(?:本版|值班|执行|责任|美术|文字|图片|版式|微信|网络|文|图)*(?:编辑|主编|编委|主任|总监|美编|统筹)"
    r"|责编|版式|校对|检校|组版|排版|制图|监制|策划|审核|[一二三终]审)"
)
_LONGEST_MARK = 260
_STOPPED = "(?<=[。！？…”）])"


@dataclass(frozen=True, slots=True)
class Mark:
    """A pattern, the role of what it matches, and the share of its matches that have this role."""

    role: Role
    confidence: float
    pattern: re.Pattern[str]


def _mark(role: Role, confidence: float, *alternatives: str) -> Mark:
    return Mark(role, confidence, re.compile("|".join(alternatives)))


_FROM_PAGE = (
    rf"[（(【\[]?\s*[{_ARROWS}]?\s*(?:紧接|上接|接){_PAGE}(?:[《“][^。\n]{{1,40}}[》”])?\s*[{_ARROWS}]?\s*[）)】\]]?"
)
_TO_PAGE = rf"[（(【\[]?\s*[{_ARROWS}]?\s*(?:下转|转){_PAGE}\s*[{_ARROWS}]?\s*[）)】\]]?"

# What a whole line is; the first that matches it from end to end counts.
WHOLE = (
    _mark(Role.CONTINUATION, 0.98, _FROM_PAGE, _TO_PAGE),
    _mark(
        Role.FURNITURE,
        0.9,
        rf"[-—–·\s]*[0-9０-９]{{1,3}}[-—–·\s]*|[A-Z][0-9]{{1,3}}|{_PAGE}|第\s*[0-9]+\s*页.{{0,10}}",
        rf"(?:{_YEAR})?{_DAY}\s*(?:星期|农历|第).{{0,40}}",
        "[\u4e00-\u9fff]{2,6}(?:日报|晚报|晨报|早报|都市报|商报)(?:社出版)?",
        "要闻|综合|综合新闻|时政|评论|理论|专版|专题|国际|广告|公告",
        rf"[□■◎]?\s*[（(]?{_EDITOR}\s*[：:／/\s].{{1,80}}",
        r"(?:国内统一|邮发代号|CN\s*[0-9]|ISSN|新闻热线|热线电话|广告热线|本报地址|社址|邮编|网址|投稿邮箱|电子邮箱|版权所有"
        r"|扫码|扫一扫|https?://|www\.).{0,80}",
    ),
    _mark(
        Role.CAPTION,
        0.96,
        r".{0,220}(?:摄|摄影|供图)[。.]?[）)]?",
        r".{0,220}[（(](?:[^（）()]{0,12}(?:资料|无人机|视频|手机|合成)(?:图片|照片|截图|拍摄)|资料图)[）)][。.]?",
        r".{0,220}[。”]\s*(?:新华社|中新社|本报)(?:/[\u4e00-\u9fff]{2,6})?发(?:[（(][^）)]{1,12}[）)])?",
        rf"(?:[{_ARROWS}]\s*[^\s上下接转紧]|图为|图[①-⑩一二三四五六七八九十0-9]+[：:为\s]|图片说明|题图|[上下左右大小]图[：:为，]).{{0,220}}",
    ),
    _mark(
        Role.DATELINE,
        0.95,
        rf"[（(]?据?{_WIRED}(?:\s*[（(][^（）()]{{1,40}}[）)])?[）)]?|{_BRACKETED}",
        rf"[（(]?(?:{_YEAR}{_DAY}|[二一○〇零九八七六五四三\s]{{4,8}}年[一二三四五六七八九十]{{1,2}}月[一二三四五六七八九十]{{1,3}}日)[）)]?",
    ),
    _mark(
        Role.BYLINE,
        0.95,
        rf"[□■●◎▲◆]?\s*[（(]?\s*(?:{_OUTLET})?\s*(?:\S{{0,6}}网)?{_WRITER}(?:[\s：:/／、][^。！？]{{1,36}}|(?:{_PERSON})+|)[）)]?",
        r"[（(]?\s*(?:作者|执笔|撰稿|撰文|采写|供稿|整理|文|文字)(?:单位)?\s*(?:[：:/／]|[系为是](?!了)).{1,80}",
        rf"[□■◎]\s*{_PERSON}(?:[\s、]+{_PERSON})*|[（(]{_PERSON}[）)]",
        rf"(?:{_OUTLET})(?:特约|社论|评论|编辑部)",
        rf"【?{_REPORTED}】?",
    ),
)

# What may stand before the words of a paragraph and be cut off it.
LEADING = (
    _mark(Role.CONTINUATION, 0.95, rf"[（(【\[]\s*(?:紧接|上接|接){_PAGE}[^（）()。]{{0,30}}[）)】\]](?=\s*\S)"),
    _mark(
        Role.DATELINE,
        0.97,
        rf"据?{_WIRED}[：:]?\s*"
        rf"(?:[（(][^（）()]{{0,40}}?{_WRITER}[^（）()]{{0,30}}[）)]|{_WRITER}[\u4e00-\u9fff、\s]{{2,24}}?报道[：:，]?)?",
        rf"{_BRACKETED}\s*|【{_REPORTED}】\s*",
    ),
)

# What may stand after them.
TRAILING = (
    _mark(Role.FURNITURE, 0.75, rf"{_STOPPED}\s*[0-9０-９]{{1,3}}\Z"),
    _mark(Role.FURNITURE, 0.95, rf"{_STOPPED}\s*[（(](?:{_EDITOR})[：:\s][^（）()]{{1,40}}[）)]\Z", r"[（(]完[）)]\Z"),
    _mark(Role.CONTINUATION, 0.95, rf"[（(【\[]\s*(?:下转|转){_PAGE}[^（）()。]{{0,12}}[）)】\]]\Z", rf"下转{_PAGE}\Z"),
    _mark(
        Role.DATELINE,
        0.97,
        rf"[（(]据?{_WIRED}(?:[，。]?[^（）()。]{{0,24}})?[）)]\Z",
        r"[（(]据?(?:新华社|中新社)[）)]\Z",
    ),
    _mark(Role.BYLINE, 0.95, rf"[（(](?:{_OUTLET})?\s*(?:{_WRITER}|作者|执笔|撰稿|采写|文/)[^（）()]{{1,60}}[）)]\Z"),
)

NAMES = re.compile(rf"{_PERSON}(?:[\s、]+{_PERSON}){{0,4}}")
"""Nothing but people's names."""
ENUMERATOR = re.compile(
    r"(?:[（(]?[一二三四五六七八九十]{1,3}[）)、.．]|[（(]?[0-9０-９]{1,2}(?:[）)、]|[.．](?![0-9]))|第[一二三四五六七八九十百]{1,4}[章节条]|[①-⑳])"
)
"""What numbers a section or a list item."""
HEADED = re.compile(r"(?:编者按|编者注|编者的话|编后语?|点评|短评|背景链接|新闻链接|相关链接|延伸阅读|名词解释)[：:\s]")
"""What an editor puts before words of another kind: never in the middle of a paragraph, nor before a caption."""


def whole_mark(text: str) -> Mark | None:
    """The mark that ``text`` is from end to end, if it is one."""
    if len(text) > _LONGEST_MARK:
        return None
    return next((mark for mark in WHOLE if mark.pattern.fullmatch(text)), None)
