"""Pages that no reading rule was tuned on: other layouts, other text, and lines that the browser breaks itself.

`baozhai` is measured on them beside the pages of `tests.newspapers.pages`, which its rules were written with. A page is
rows of articles; each article is set in CSS columns. Change the reader after a look at what fails here, and the figure
is no longer held out: then say so where the figure stands.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from random import Random

from tests.newspapers.pages import Newspaper, TrueArticle, TrueBlock

SENTENCES = (
    "立冬刚过，{p}的果园里还挂着最后一批柿子，{n}踩着梯子，一个一个轻轻地摘下来放进竹筐。",
    "这家只有{a}名工人的小厂，去年接到的订单却排到了第二年{m}月，其中三成来自海外。",
    "{n}的修表铺开在巷子深处，门口没有招牌，老主顾凭着那盏绿色的台灯就能找到。",
    "省气象台预计，未来{a}天冷空气活动频繁，{p}北部最低气温将降到零下{b}摄氏度左右。",
    "比赛进行到第{a}分钟，{n}在禁区外接队友传球，一脚低射把比分改写为2∶1。",
    "“我不图别的，就想让孩子们知道，山那边还有更大的世界。”支教老师{n}在日记里写道。",
    "在{p}博物馆，一件出土于宋代窖藏的青釉莲瓣碗首次与观众见面，展期持续到{m}月底。",
    "研究团队在《{x}》上发表的论文显示，这种新材料在{a}次充放电之后，容量仍保持在{b}%以上。",
    "公交{a}路从下周起改线，取消两站、新增三站，早高峰的发车间隔缩短到{b}分钟。",
    "他把退休金的一半拿出来，在村口办起了一间阅览室，藏书从最初的{a}册添到了如今的三千多册。",
    "海关数据表明，前{m}个月全省出口鲜花{a}吨，同比增长{b}%，主要销往东南亚和中东地区。",
    "戏台上的锣鼓一响，台下的老人们便安静下来，连卖糖葫芦的小贩也停住了脚步。",
    "消防部门提醒：冬季使用电暖器时，周围半米之内不要堆放衣物、纸箱等易燃物品。",
    "为什么同样的种子，在{p}的盐碱地里却能长得这么好？{n}的回答是三个字：土、水、人。",
    "地铁{m}号线二期工程昨天贯通最后一段隧道，全长{b}.{m}公里，设站{m}座。",
    "一边是越来越少的手艺人，一边是越来越多的订单，{p}竹编合作社陷入了幸福的烦恼。",
    "医生建议，流感高发季节要勤洗手、多通风，老年人和有基础疾病的人群应尽早接种疫苗。",
    "夜里十一点，货运调度室的大屏上仍有{a}趟列车在移动，{n}端起了今晚的第四杯茶。",
    "那座石拱桥建于清代乾隆年间，桥面上的车辙有一指多深，如今只许行人通过。",
    "{y}年以来，当地先后招引冷链、包装、物流企业{b}家，一颗小小的蓝莓串起了一条产业链。",
    "记者注意到，展台前围得最里三层外三层的，不是新车，而是一台会剥虾的机器人。",
    "河面结冰之前，渔民们要把网具全部收回来清洗、晾晒、修补，来年开春才好下水。",
    "{n}今年{b}岁，跑过{a}多场马拉松，他说最难的从来不是最后五公里，而是出门的那一步。",
    "经过三轮协商，双方就{a}项条款达成一致，剩下的争议将在{m}月下旬的会谈中继续讨论。",
    "雨下了整整一夜，清晨推开窗，满山的雾像刚揭开盖的蒸笼。",
    "从产地到餐桌，一箱{p}的鲜奶要经过{b}道检测，任何一道不合格，整批都不能出厂。",
    "人工智能不是万能钥匙，用得好不好，要看有没有真问题、真数据、真用户。",
    "法院审理认为，被告作为平台经营者，未尽到提示义务，应当承担相应的赔偿责任。",
    "家长{n}给记者看了孩子的书包：课本、练习册、水壶加起来，足足有{b}斤重。",
    "入夜，江边的灯一盏盏亮起来，吹笛子的、跳舞的、散步的，各有各的地盘，谁也不打扰谁。",
    "专家组抽查了{a}份样本，认为总体情况好于预期，但个别地方台账不全、数据对不上的问题仍然存在。",
    "“票价没有涨，班次还多了。”旅客{n}一边取票一边说。",
)
PLACES = ("雁门岭", "湖口县", "新桥区", "古槐镇", "澄江市", "石盘乡", "丰乐街道", "东篱村", "鹿鸣湾", "望川市")
NAMES = ("邱明远", "沈若兰", "欧阳岚", "贺铁柱", "季晓棠", "褚卫国", "方圆", "戴秋实", "尹春梅", "章一鸣")
HEADLINES = (
    "柿子红了，路也通了", "一间修表铺的四十年", "冷空气来袭 多地气温骤降", "老戏台又响起锣鼓", "{p}鲜花卖到中东",
    "盐碱地里种出“黄金籽”", "地铁隧道全线贯通", "竹编合作社的“幸福烦恼”", "调度室里的不眠夜", "蓝莓串起一条产业链",
    "会剥虾的机器人火了", "从产地到餐桌有多远", "书包为何越减越重", "江边灯火照人归", "{p}：台账要真，数据要实",
    "两条路线、三张账单、一个答案", "冬天里的第一碗热汤", "谁来给老桥“看病”", "票价没涨 班次多了", "山那边的课堂",
    "渔网收起来，日子亮起来", "一脚低射锁定胜局", "疫苗接种点延长开放时间", "平台不能只收钱不担责",
)  # fmt: skip
SECONDS = ("——{p}冬季农时观察", "本报记者蹲点七日", "{n}：慢一点，才走得远", "市民关心的{b}个问题有了说法")
BRIEFS = ("夜校开课", "新书入库", "路灯换新", "集市改址", "雪橇节开幕", "公园延时开放")
CAPTIONS = (
    "{p}的果农在采摘晚熟柿子。",
    "图为{n}在修复一块老怀表。{n} 摄",
    "冬日的鹿鸣湾，渔民把渔网晾在岸边。 资料图片",
    "观众在{p}博物馆参观。 本报记者 {n} 摄影报道",
)
QUOTES = ("最难的不是最后五公里，而是出门的那一步", "一颗蓝莓，串起了一条产业链", "真问题、真数据、真用户")
PICTURE = "background:linear-gradient(135deg,#456,#9ab 40%,#765);"


class Pen:
    """Text from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed * 104729 + 5)
        self.headlines = self.random.sample(HEADLINES, len(HEADLINES))
        self.briefs = self.random.sample(BRIEFS, len(BRIEFS))
        self.sentences: list[str] = []

    def fill(self, text: str) -> str:
        """``text`` with its blanks filled."""
        draw = self.random
        return text.format(
            p=draw.choice(PLACES), n=draw.choice(NAMES), a=draw.randint(13, 990), b=draw.randint(11, 98),
            m=draw.randint(2, 11), y=draw.randint(2015, 2023), x=draw.choice(("材料学报", "先进能源")),
        )  # fmt: skip

    def paragraph(self) -> str:
        """One to three sentences, each of which comes again only when all were used."""
        text = ""
        for _ in range(self.random.choice((1, 2, 2, 3))):
            if not self.sentences:
                self.sentences = self.random.sample(SENTENCES, len(SENTENCES))
            text += self.fill(self.sentences.pop())
        return text


@dataclass
class Cell:
    """An article of a page that is being made: its columns and paragraphs, and what it has beside them."""

    columns: int
    paragraphs: int
    kicker: bool = False
    second: bool = False
    lines: int = 1
    byline: str = ""  # "under" the headline, or "right" of the page
    dateline: bool = False
    picture: str = ""  # "top", "side", "above" (the caption), or "inline"
    subheads: bool = False
    quote: bool = False
    box: str = ""
    reversed: bool = False
    corner: bool = False
    vertical: bool = False
    briefs: int = 0
    share: float = 1.0


@dataclass
class Paper:
    """How a page is set: its size, body type, and rows of articles."""

    name: str
    width: float
    rows: list[list[Cell]]
    size: float = 9.5
    leading: float = 1.5
    sans: bool = False
    indent: float = 2.0
    gap: float = 14.0
    rule: bool = False
    lines: bool = False
    head: str = ""
    articles: list[TrueArticle] = field(default_factory=list)


def _papers() -> list[Paper]:
    c = Cell
    return [
        Paper("three columns, sans serif", 640, [[c(3, 9, lines=2, byline="under")], [c(2, 6, share=2), c(1, 3)],
              [c(3, 7, subheads=True)]], sans=True),
        Paper("nine narrow columns", 1240, [[c(5, 18, subheads=True, share=5), c(4, 13, dateline=True, share=4)],
              [c(9, 22, kicker=True, second=True)], [c(3, 8, share=3), c(3, 8, share=3), c(3, 7, share=3)]],
              size=8.2, leading=1.35, gap=11, rule=True),
        Paper("two columns, a magazine", 560, [[c(2, 12, second=True, byline="under", quote=True)],
              [c(2, 7, subheads=True)]], size=10.5, leading=1.7, gap=24),
        Paper("no indents, blank lines between paragraphs", 760, [[c(3, 8, kicker=True)],
              [c(2, 6, share=2), c(2, 5, share=2)]], indent=0, leading=1.55),
        Paper("headlines in white on dark ground", 830, [[c(4, 10, reversed=True)],
              [c(2, 5, reversed=True, share=2), c(2, 5, share=2)], [c(4, 9, reversed=True, byline="right")]]),
        Paper("headlines over the last columns", 900, [[c(5, 14, corner=True)], [c(2, 6, share=2), c(3, 9, share=3)]],
              rule=True),
        Paper("captions beside and above pictures", 860, [[c(4, 10, picture="side", share=3)],
              [c(2, 6, picture="above", share=2), c(2, 6, picture="top", share=2)]]),
        Paper("a picture between paragraphs", 880, [[c(1, 6, picture="inline", share=1), c(3, 9, share=2.4)],
              [c(4, 8, dateline=True)]], lines=True),
        Paper("boxes among articles", 900, [[c(3, 9, share=3), c(1, 3, box="border:0.7pt dashed #555;")],
              [c(1, 3, box="background:#f1ead9;"), c(3, 8, share=3)], [c(4, 8, box="border:2pt double #333;")]]),
        Paper("headlines on three lines, narrow articles", 980, [[c(1, 4, lines=3) for _ in range(5)],
              [c(1, 4, lines=2, dateline=True) for _ in range(5)]], lines=True, gap=16),
        Paper("vertical headlines", 900, [[c(3, 9, vertical=True, share=2), c(2, 5, share=1.3)],
              [c(2, 6, share=1.3), c(3, 9, vertical=True, share=2)]]),
        Paper("briefs beside a long article", 940, [[c(1, 0, briefs=5), c(4, 16, kicker=True, lines=2, subheads=True,
              byline="under", share=3.6)], [c(5, 9, dateline=True)]], rule=True),
        Paper("large type", 720, [[c(2, 6, lines=2, share=2), c(1, 3)], [c(3, 8, quote=True)]], size=13, gap=20),
        Paper("small type, sans serif, ruled rows", 1100, [[c(4, 12, share=2), c(3, 9, share=1.4)],
              [c(7, 18, second=True)], [c(2, 6), c(2, 6), c(3, 8, share=1.5)]], size=7.6, sans=True, lines=True,
              gap=10, leading=1.4),
    ]  # fmt: skip


LAYOUTS = len(_papers())


def heldout(layout: int) -> Newspaper:
    """The page of ``layout``, counted from 0 to `LAYOUTS`; its height is what the browser makes of it."""
    paper = _papers()[layout]
    pen = Pen(layout)
    rows = "".join(f'<div class="row">{"".join(_cell(cell, paper, pen) for cell in row)}</div>' for row in paper.rows)
    furniture = ["2025年1月9日　星期四", "B2", "望川晚报"]
    head = "".join(f"<span>{text}</span>" for text in furniture)
    page = _page(paper, f"<header>{head}</header>{rows}")
    return Newspaper(page, paper.width, 0.0, paper.articles, furniture, paper.name)


def _page(paper: Paper, body: str) -> str:
    face = "'Noto Sans CJK SC'" if paper.sans else "'Noto Serif CJK SC'"
    rule = "column-rule:0.5pt solid #888;" if paper.rule else ""
    line = "border-top:0.6pt solid #444;padding-top:9pt;" if paper.lines else ""
    return f"""<!doctype html><html lang=zh-CN><meta charset=utf-8><style>
html,body{{margin:0}}
body{{width:{paper.width}pt;padding:26pt 34pt 30pt;box-sizing:border-box;font:{paper.size}pt/{paper.leading} {face}}}
header{{display:flex;justify-content:space-between;border-bottom:1pt solid #222;padding-bottom:4pt;margin-bottom:14pt}}
.row{{display:flex;gap:{1.4 * paper.gap}pt;margin-bottom:20pt;align-items:flex-start}}
.row+.row{{{line}}}
article{{min-width:0}}
.cols{{column-gap:{paper.gap}pt;{rule}text-align:justify;orphans:1;widows:1}}
p{{margin:0;text-indent:{paper.indent}em;{"" if paper.indent else "margin-bottom:0.9em;"}}}
h2{{margin:0 0 6pt;line-height:1.25;font-family:'Noto Sans CJK SC'}}
h4{{margin:0.4em 0;font-size:1em;font-family:'Noto Sans CJK SC'}}
h5,h6{{margin:0 0 6pt;font:{1.4 * paper.size}pt/1.3 'Noto Sans CJK SC'}}
address{{font-style:normal;margin-bottom:6pt}}
figure{{margin:0 0 8pt;break-inside:avoid}}
figure div{{{PICTURE}}}
figcaption{{font:{0.9 * paper.size}pt/1.35 'Noto Sans CJK SC'}}
aside{{break-inside:avoid;border-top:2pt solid #a33;border-bottom:2pt solid #a33;margin:8pt 0;padding:8pt;
font:{1.5 * paper.size}pt/1.4 'Noto Sans CJK SC';text-align:center}}
</style><body>{body}<script>
const style=document.createElement('style'), high=document.body.scrollHeight*0.75+4;
style.textContent='@page{{size:{paper.width}pt '+high+'pt;margin:0}}';
document.head.append(style);
</script>"""


def _cell(cell: Cell, paper: Paper, pen: Pen) -> str:
    if cell.briefs:
        small = "".join(_article(Cell(1, 1), paper, pen, pen.briefs.pop(), 2.0) for _ in range(cell.briefs))
        return f'<div style="flex:{cell.share}">{small}</div>'
    return _article(cell, paper, pen, pen.fill(pen.headlines.pop()), 2.6)


def _article(cell: Cell, paper: Paper, pen: Pen, headline: str, large: float) -> str:
    """An article as HTML; what is in it joins ``paper``."""
    article = TrueArticle()
    paper.articles.append(article)
    title = _title(cell, article, pen, headline, large * paper.size)
    texts = _paragraphs(cell, article, pen)
    figure = _figure(cell, article, pen)
    if cell.picture == "inline":
        texts.insert(len(texts) // 2, figure)
    columns = f'<div class="cols" style="column-count:{cell.columns}">'
    if cell.corner:
        inner = f'<div style="display:flex;gap:{paper.gap}pt"><div style="flex:1" class="cols">{"".join(texts[:4])}'
        inner += f'</div><div style="flex:{cell.columns - 1}">{title}<div class="cols" style="column-count:'
        inner += f'{cell.columns - 1}">{"".join(texts[4:])}</div></div></div>'
    elif cell.vertical:
        inner = f'<div style="display:flex;gap:{paper.gap}pt">{title}{columns}{"".join(texts)}</div></div>'
    elif cell.picture == "side":
        inner = f'{title}<div style="display:flex;gap:{paper.gap}pt"><div style="width:34%">{figure}</div>'
        inner += f"{columns}{''.join(texts)}</div></div>"
    else:
        over = figure if cell.picture in ("top", "above") else ""
        inner = f"{title}{over}{columns}{''.join(texts)}</div>"
    pad = "padding:9pt;" if cell.box else "margin-bottom:12pt;"
    return f'<article style="flex:{cell.share};{cell.box}{pad}">{inner}</article>'


def _title(cell: Cell, article: TrueArticle, pen: Pen, headline: str, size: float) -> str:
    out = ""
    if cell.kicker:
        out += f"<h5>{_block(article, 'subhead', pen.fill(SECONDS[1]))}</h5>"
    style = f"font-size:{size:.1f}pt;"
    if cell.reversed:
        style += "background:#234;color:#fff;padding:3pt 8pt;"
    if cell.vertical:
        style += "writing-mode:vertical-rl;white-space:nowrap;"
    if cell.lines > 1:
        step = -(-len(headline) // cell.lines)
        shown = "<br>".join(html.escape(headline[at : at + step]) for at in range(0, len(headline), step))
        style += f"font-size:{0.62 * size:.1f}pt;" if cell.columns == 1 else ""
    else:
        shown = html.escape(headline)
        style += "white-space:nowrap;" if cell.columns > 1 else f"font-size:{0.62 * size:.1f}pt;"
    article.blocks.append(TrueBlock("headline", headline))
    out += f'<h2 style="{style}">{shown}</h2>'
    if cell.second:
        out += f"<h6>{_block(article, 'subhead', pen.fill(SECONDS[0]))}</h6>"
    if cell.byline:
        align = ' style="text-align:right"' if cell.byline == "right" else ""
        name = _block(article, "byline", pen.fill("本报记者　{n}　通讯员　{n}"))
        out += f"<address{align}>{name}</address>"
    return out


def _paragraphs(cell: Cell, article: TrueArticle, pen: Pen) -> list[str]:
    found = []
    for at in range(cell.paragraphs):
        if cell.subheads and at and at % 5 == 0:
            found.append(
                f"<h4>{_block(article, 'subhead', pen.random.choice(('先看账本', '再走一遍', '路还很长')))}</h4>"
            )
        if cell.quote and at == cell.paragraphs // 2:
            found.append(f"<aside>{_block(article, 'subhead', pen.random.choice(QUOTES))}</aside>")
        lead = ""
        if cell.dateline and at == 0:
            lead = _block(article, "dateline", pen.fill("本报{p}{m}月9日电"))
        found.append(f"<p>{lead}{'　' if lead else ''}{_block(article, 'body', pen.paragraph())}</p>")
    return found


def _figure(cell: Cell, article: TrueArticle, pen: Pen) -> str:
    if not cell.picture:
        return ""
    caption = f"<figcaption>{_block(article, 'caption', pen.fill(pen.random.choice(CAPTIONS)))}</figcaption>"
    high = {"side": 190, "inline": 70}.get(cell.picture, 130)
    picture = f'<div style="height:{high}pt"></div>'
    return f"<figure>{caption + picture if cell.picture == 'above' else picture + caption}</figure>"


def _block(article: TrueArticle, role: str, text: str) -> str:
    """``text`` as HTML, which joins ``article``."""
    article.blocks.append(TrueBlock(role, text))
    return html.escape(text, quote=False)
