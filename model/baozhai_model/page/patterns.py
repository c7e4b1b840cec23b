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
    "[\u4e00-\u9fff]{0,6}(?:日报|晚报|晨报|早报|时报|都市报|商报|农民报|工人报|青年报|融媒体中心|融媒))"
)
_WRITER = "(?:(?:特约|见习|实习|首席|全媒体|融媒体|特派|驻[\u4e00-\u9fff]{1,6})*(?:记者|通讯员|评论员|撰稿人|实习生))"
_NUMBER = "[0-9０-９一二三四五六七八九十]{1,3}"
_PAGE = rf"第?\s*[A-Z]?{_NUMBER}\s*版"
_DAY = f"(?:[0-9０-９]{{1,2}}月[0-9０-９]{{1,2}}日|{_NUMBER}月{_NUMBER}日)"
_YEAR = "[0-9０-９〇○零一二三四五六七八九]{4}年"
# 新华社北京7月18日电, 本报讯; never 本报记者走进发电站.
_WIRED = (
    rf"{_OUTLET}(?:(?:{_WRITER}[\u4e00-\u9fff\s]{{2,8}})?[\u4e00-\u9fff、／/\s]{{0,12}}?(?:{_YEAR})?{_DAY}\s*专?[电讯]"
    rf"|[\u4e00-\u9fff]{{0,4}}?[电讯](?=[\s（(：:）)]|\Z)|(?:综合)?讯|综合消息|消息(?=[\s（(：:）)，,]|\Z))"
)
# 北京7月19日电, which names no paper; and 本报记者张三报道 before the words of a paragraph.
_PLACED = rf"[\u4e00-\u9fff]{{2,7}}(?:{_YEAR})?{_DAY}\s*(?:专?电|讯)"
_BY_REPORTER = (
    rf"(?:{_OUTLET})?\s*{_WRITER}[\s：:]*{_PERSON}(?:[\s、]+{_PERSON}){{0,3}}\s*"
    r"(?:(?:综合|发自[\u4e00-\u9fff]{2,8}|[\u4e00-\u9fff]{2,6})?报道|摄影报道)"
)
# 【本报台北讯】, 【大公报讯】 and 【记者王小明／台北报导】 open reports in Taiwan and Hong Kong.
_BRACKETED = (
    "(?:【[\u4e00-\u9fff]{1,10}讯】"
    r"|[〔\[［(（]\s*(?:本[报刊网台]|[\u4e00-\u9fff]{0,6}[日晚晨早时]报)[\u4e00-\u9fff]{0,4}讯\s*[〕\]］)）])"
)
_REPORTED = r"(?:特[约派])?记者\s*[\u4e00-\u9fff、\s]{2,16}[／/]\s*[\u4e00-\u9fff]{2,8}[报综]导"
_ARROWS = "▲△▼▽▶▷→◀◁←↑↓"
_EDITOR = (
    r"(?:(?:本版|本期|值班|执行|责任|美术|文字|图片|版式|微信|网络|新媒体|文|图|见习|实习)*(?:编辑|主编|编委|主任|总监|美编|统筹|编审|校对)"
    r"|责编|责校|版式|校对|检校|组版|排版|制图|监制|策划|审核|[一二三终]审)"
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
_TO_PAGE = (
    rf"[（(【\[〔]?\s*[{_ARROWS}]?\s*(?:下转|转|详见|全文见|相关报道见|更多报道见|见){_PAGE}(?:\s*[·、，,]?\s*[\u4e00-\u9fff]{{2,6}})?"
    rf"\s*[{_ARROWS}]?\s*[）)】\]〕]?"
)
_BULLET = "[□■○●◎▲△◆◇★☆▶◢]"
_NAMES = rf"{_PERSON}(?:[\s、，,]+{_PERSON}){{0,4}}"
_WROTE = r"(?:文\s*[/／、并及]?\s*[图摄]|[图摄]\s*[/／、]?\s*文|文并图|图文|图文报道|摄影报道|文|报道)"
_OPENS, _CLOSES = r"[（(【\[〔]", r"[）)】\]〕]"
# Who gave the text, or that it ends: lines below an article.
_END_NOTE = (
    r"(?:(?:本文|文章|信息|内容|资料|图片|新闻|稿件)?(?:来源|稿源)|原标题|原题|供稿单位|报送)\s*[：:].{1,60}|(?:转自|转载自|原载(?:于)?|摘自|选自|图片由(?=.{2,20}提供)|本[版文]图片)\s*[：:]?.{2,60}"
    r"|据?(?:本报|本网|本刊)?综合(?:[\u4e00-\u9fff、]{0,12}(?:报道|消息|媒体))?|(?:全文)?完|未完待续|待续|[Ee][Nn][Dd]"
)

# What a whole line is; the first that matches it from end to end counts.
WHOLE = (
    _mark(Role.CONTINUATION, 0.98, _FROM_PAGE, _TO_PAGE),
    _mark(
        Role.FURNITURE,
        0.9,
        rf"[-—–·\s]*[0-9０-９]{{1,3}}[-—–·\s]*|[A-Z][0-9]{{1,3}}|{_PAGE}",
        r"第\s*[0-9一二三四五六七八九十]+\s*页(?:[\s/／，,（(]*共\s*[0-9一二三四五六七八九十]+\s*页[）)]?)?|[0-9]{1,3}\s*[/／]\s*[0-9]{1,3}",
        r"[-*_=—─~·\s]{3,}|```.{0,20}",
        rf"{_PAGE}[\s:：·]{{1,3}}[\u4e00-\u9fff]{{2,4}}|[\u4e00-\u9fff]{{2,4}}[\s:：·]{{1,3}}{_PAGE}",
        rf"(?:[\u4e00-\u9fff]{{2,6}}报\s*)?(?:{_YEAR})?{_DAY}.{{0,24}}?\s{_PAGE}(?:\s.{{0,10}})?",
        rf"(?:{_YEAR})?{_DAY}\s*(?:星期[一二三四五六日天](?:\s.{{0,40}})?|(?:农历|第\s*[0-9]+\s*[期号版]).{{0,40}})",
        "[\u4e00-\u9fff]{2,6}(?:日报|晚报|晨报|早报|都市报|商报)(?:社出版)?",
        "要闻|综合|综合新闻|时政|评论|理论|专版|专题|国际|广告|公告",
        rf"{_BULLET}?\s*{_OPENS}?{_EDITOR}\s*(?:[：:／/].{{1,80}}|\s{_NAMES}(?:\s.{{1,60}})?{_CLOSES}?)",
        r"(?:国内统一(?:连续出版物号|刊号)|邮发代号|新闻热线|热线电话|广告热线|发行热线|投稿邮箱|电子邮箱|本报地址|社址|地址|邮编|邮政编码"
        r"|网址|电话|传真|零售价|定价|印刷)\s*(?:[：:]|\s|(?=[0-9A-Za-z])).{1,80}",
        r"(?:CN\s*[0-9]|ISSN\s*[0-9]|https?://|www\.).{0,80}|版权所有(?:[，,\s©!！].{0,80})?",
        r"(?:扫码|扫一扫|扫描|长按|微信扫).{0,16}(?:二维码|公众号|客户端|小程序|视频|APP).{0,20}|扫码(?:关注|观看|阅读|下载|进入).{0,20}",
        rf"{_OPENS}?\s*[-—]{{0,2}}(?:{_END_NOTE})[-—]{{0,2}}[。.]?\s*{_CLOSES}?",
    ),
    _mark(
        Role.CAPTION,
        0.96,
        r".{0,220}(?:摄|摄影|供图)[。.]?[）)]?|.{0,220}[（(][^（）()]{0,16}摄[）)][。.]|(?:摄影|图片?)(?:提供|报道)?\s*[：:／/].{1,30}|资料(?:图片|图|照片)",
        r".{0,220}[（(](?:[^（）()]{0,12}(?:资料|无人机|视频|手机|合成)(?:图片|照片|截图|拍摄)|资料图)[）)][。.]?",
        r".{0,220}[。”]\s*(?:新华社|中新社|本报)(?:/[\u4e00-\u9fff]{2,6})?发(?:[（(][^）)]{1,12}[）)])?",
        rf"(?:[{_ARROWS}]\s*[^\s上下接转紧]|图为(?=.{{7}}|.{{2,6}}[。！])|图[①-⑩一二三四五六七八九十0-9]+[：:为\s]|图片说明|题图|[上下左右大小]图[：:为，]).{{0,220}}",
    ),
    _mark(
        Role.DATELINE,
        0.95,
        r"[（(]据?(?:新华社|中新社|新华网|人民网|央视网)(?:报道|消息)?[）)]",
        rf"[（(]?据?{_WIRED}(?:\s*[（(][^（）()]{{1,40}}[）)])?[）)]?|{_BRACKETED}|{_PLACED}(?:\s*[（(][^（）()]{{1,40}}[）)])?",
        rf"[（(]?(?:{_YEAR}{_DAY}|[二一○〇零九八七六五四三\s]{{4,8}}年[一二三四五六七八九十]{{1,2}}月[一二三四五六七八九十]{{1,3}}日)[）)]?",
    ),
    _mark(
        Role.BYLINE,
        0.95,
        rf"{_BULLET}?\s*{_OPENS}?\s*(?:{_NAMES}\s*[/／]?\s*{_WROTE}|{_WROTE}\s*[/／：:\s]\s*{_NAMES}){_CLOSES}?",
        rf"{_BULLET}?\s*[（(]?\s*(?:{_OUTLET})?\s*(?:\S{{0,6}}网)?{_WRITER}(?:[\s：:/／、][^。！？]{{1,36}}|(?:{_PERSON})+|)[）)]?",
        r"[（(]?\s*(?:作者|执笔|撰稿|撰文|采写|供稿|整理|文|文字)(?:单位)?\s*(?:[：:/／]|[系为是](?!了)).{1,80}",
        rf"{_OPENS}?(?:执笔|撰稿|撰文|采写|供稿|整理)\s+(?:{_WRITER}\s*)?{_NAMES}{_CLOSES}?",
        rf"{_BULLET}\s*{_PERSON}(?:[\s、]+{_PERSON})*|[（(]{_PERSON}[）)]",
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
        rf"据?{_WIRED}\s*[：:|｜]?\s*"
        rf"(?:[（(][^（）()]{{0,40}}?{_WRITER}[^（）()]{{0,30}}[）)]|[（(]\s*{_NAMES}\s*[）)]"
        rf"|{_WRITER}[\u4e00-\u9fff、\s]{{2,24}}?报道[：:，]?|{_WRITER}\s*{_NAMES}(?=\s))?",
        rf"{_BRACKETED}[：:]?\s*(?:[（(][^（）()]{{0,40}}?{_WRITER}[^（）()]{{0,30}}[）)])?|【{_REPORTED}】\s*",
        rf"{_PLACED}[：:]?\s*(?:[（(][^（）()]{{0,40}}?{_WRITER}[^（）()]{{0,30}}[）)])?",
        rf"{_BY_REPORTER}[：:，,]?(?=\s*\S)",
        r"【[\u4e00-\u9fff]{2,10}(?:综合)?报道】\s*",
    ),
    _mark(
        Role.BYLINE,
        0.95,
        rf"{_OPENS}\s*(?:{_OUTLET})?\s*{_WRITER}\s*{_NAMES}(?:\s*{_WRITER}\s*{_NAMES})*\s*(?:报道)?{_CLOSES}(?=\s*\S)",
    ),
)

# What may stand after them.
_AFTER = rf"{_STOPPED}\s*"
TRAILING = (
    _mark(Role.FURNITURE, 0.75, r"(?<=[。！？”）])\s*[0-9０-９]{1,3}\Z"),
    _mark(Role.FURNITURE, 0.95, rf"{_STOPPED}\s*[（(](?:{_EDITOR})[：:\s][^（）()]{{1,40}}[）)]\Z", r"[（(]完[）)]\Z"),
    _mark(
        Role.FURNITURE,
        0.9,
        rf"{_STOPPED}\s*(?:{_EDITOR}|(?:本文|文章|信息|图片)?来源|稿源|原标题)\s*[：:][^。！？]{{1,30}}\Z",
        rf"{_STOPPED}\s*[-—]{{1,2}}\s*(?:[Ee][Nn][Dd]|完)\s*[-—]{{0,2}}\Z",
    ),
    _mark(Role.FURNITURE, 0.9, rf"{_AFTER}{_OPENS}(?:{_EDITOR}[：:\s][^（）()]{{1,40}}|{_END_NOTE}){_CLOSES}\Z"),
    _mark(
        Role.CONTINUATION,
        0.95,
        rf"[（(【\[]\s*(?:下转|转|详见|全文见|见){_PAGE}[^（）()。]{{0,12}}[）)】\]]\Z",
        rf"下转{_PAGE}\Z",
    ),
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
CREDIT = re.compile(
    rf"[（(]?\s*(?:(?:资料)?图片|摄影|图)?[：:／/]?\s*(?:{_OUTLET}|[\u4e00-\u9fff]{{2,8}}(?:中心|客户端|网))?\s*(?:{_WRITER})?[\s：:]*"
    rf"(?:{_NAMES}|受访者|采访对象)?\s*[/／]?\s*(?:摄影|摄|供图|图)[。.]?[）)]?"
    rf"|(?:摄影|图片?)(?:提供)?\s*[：:／/]\s*(?:{_OUTLET})?\s*(?:{_WRITER})?\s*(?:{_NAMES}|[\u4e00-\u9fff]{{2,10}})"
    r"|[（(]?(?:新华社|中新社|本报)发(?:[（(][^（）()]{1,16}[）)])?[）)]?|[（(]?资料(?:图片|图|照片)[）)]?"
)
"""Nothing but who made a photograph."""
LIST_ITEM = re.compile(r"(?:[-*+•·▪‣]\s*(?![-*\s])|[□☐☑✓✔○●■◆◇]\s+)(?=\S)|\|.*\|")
"""What begins with a bullet, or is a row of a table."""
CONTENTS = re.compile(
    r".{4,40}?(?:[.．·…]{2,}|[\s（(【▶▷→/／])\s*(?:见|详见|刊|P|p)?\s*第?\s*[A-Z]?(?:[0-9]{1,3}|[一二三四五六七八九十]{1,3})\s*(?:[版页]|(?<=[0-9]))[）)】]?"
)
"""A title and the page that it is on."""
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
