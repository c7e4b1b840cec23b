"""Chinese news to set pages of: sentences of our own, filled from a seed, so that no two paragraphs are alike."""

from __future__ import annotations

from random import Random

PLACES = (
    "青河市",
    "临江县",
    "柳林镇",
    "云台区",
    "东陵市",
    "白石乡",
    "南浦县",
    "松原街道",
    "海棠社区",
    "金沙湾村",
    "北岭县",
    "清溪镇",
)
NAMES = (
    "陈国梁",
    "林晓燕",
    "周文博",
    "赵海峰",
    "孙丽华",
    "马建国",
    "郭雨晴",
    "何志远",
    "罗秀兰",
    "高明",
    "宋佳",
    "韩雪松",
    "梁宇",
    "唐静",
)
OFFICES = (
    "市农业农村局",
    "县水利局",
    "区民政局",
    "市生态环境局",
    "县金融工作办公室",
    "镇党委",
    "街道办事处",
    "市发展改革委",
    "区市场监管局",
)
THINGS = (
    "蔬菜大棚",
    "灌溉渠道",
    "养老驿站",
    "污水管网",
    "充电设施",
    "乡村公路",
    "社区食堂",
    "文化礼堂",
    "冷链仓库",
    "口袋公园",
    "便民服务点",
)

# {p} place, {q} another, {n} name, {o} office, {t} thing, {a} and {b} numbers, {d} day, {m} month, {y} year
SENTENCES = (
    "{m}月{d}日，记者在{p}看到，新建成的{t}已经投入使用，前来办事的群众络绎不绝。",
    "“过去办一件事要跑好几趟，现在家门口就能办完。”{p}居民{n}高兴地说。",
    "据{o}负责人介绍，今年以来，全市共投入资金{a}万元，改造{t}{b}处，受益群众超过{a}人。",
    "{p}坚持问需于民，把群众反映最多的{b}个问题列成清单，逐项明确责任单位和完成时限。",
    "针对老旧小区停车难，{p}组织干部逐户走访，征求意见{a}条，最终确定了错时共享的办法。",
    "{y}年，{p}的粮食总产量达到{a}吨，比上年增长{b}%，连续五年保持稳定增长。",
    "“我们不等不靠，先从自己门前的小事做起。”{q}党支部书记{n}说。",
    "走进{p}的{t}，工人们正在安装最后一批设备，预计下个月就能全部完工。",
    "{o}把服务窗口搬到田间地头，为{b}户种植户办理了贷款，总金额{a}万元。",
    "从过去的“脏乱差”到如今的“洁净美”，{q}用了不到{b}个月时间。",
    "村民{n}算了一笔账：一亩地流转费{a}元，再加上务工收入，一年下来比以前多挣了不少。",
    "为了让企业少跑腿，{o}推行一窗受理、限时办结，平均办理时间由{b}天缩短到3天。",
    "河道两岸新栽的柳树已经发芽，{b}公里长的步道沿着水边一直延伸到{q}。",
    "有人担心投入大、见效慢，{p}的干部没有回避，而是把账本摊开，一项一项讲给大家听。",
    "截至目前，{p}已有{b}个行政村建成{t}，覆盖率达到百分之九十以上。",
    "会议指出，要把基层治理的各项任务落到实处，防止只挂牌子、不办事情。",
    "在{q}，网格员{n}每天要走一万多步，哪家老人生病、哪处路灯不亮，她心里都有数。",
    "银行推出的小额信用贷款手续简便、利率优惠，解了{p}不少小微企业的燃眉之急。",
    "专家认为，生态修复不能只看一时，还要看三年五年之后山是不是更绿、水是不是更清。",
    "下一步，{o}将继续完善制度，加强监督检查，确保各项措施真正惠及群众。",
    "清晨六点，{n}已经把第一批新鲜蔬菜送到{p}的集市，几十个摊位前很快排起了长队。",
    "这条渠修好以后，{q}的{a}亩旱地变成了水浇地，农户们再也不用为浇地发愁。",
    "“钱要花在刀刃上。”{n}告诉记者，项目资金实行专户管理，每一笔支出都公开。",
    "与此同时，{p}还建立了回访制度，对办结的事项逐一核对，群众满意率达到{b}%。",
    "年轻人回来了，{q}的老街也热闹起来，民宿、茶馆、书屋一家接着一家开张。",
    "按照计划，{y}年年底前将再建{t}{b}处，让更多居民在十五分钟内享受到服务。",
    "学校、医院和养老机构周边的道路优先修缮，施工单位把噪声大的工序都安排在白天。",
    "在{p}，党员干部带头签订承诺书，主动亮身份、领任务、办实事，形成了比学赶超的氛围。",
    "监测数据显示，流域内{b}个断面水质全部达到三类以上，岸边又见到了多年不见的白鹭。",
    "他们还把每月的第一个星期定为接待日，面对面听意见，能当场解决的绝不拖到第二天。",
    "入冬以后，{o}提前检修供热管道{a}米，保证居民家中温度不低于20摄氏度。",
    "{n}是{q}的老支书，干了二十多年，说起村里的变化，他掰着指头数了半天。",
)
CONTINUED = (
    "这样的做法很快在全市推开，各地结合实际又添了不少新办法。",
    "群众的评价很实在：事情办得快，心里才踏实。",
    "说到底，治理的好坏要由群众来评判。",
)
HEADLINES = (
    "{p}：一张清单连民心",
    "{q}把实事办到群众心坎上",
    "家门口的{t}建起来了",
    "{p}做好“水文章” 走稳绿色路",
    "金融活水润泽{q}",
    "{b}项举措破解老旧小区难题",
    "从一块荒地到{b}个{t}",
    "{p}推进基层党组织建设走深走实",
    "让小微企业贷得到用得好",
    "{q}河道治理见成效",
    "网格里的大民生",
    "新修渠道引水来 {q}旱地变良田",
    "{p}举行冬季招聘会",
    "一位老支书的二十年",
)
KICKERS = ("——来自{p}的调查", "深入学习贯彻会议精神", "走基层·看变化", "推进治理现代化 建设美好家园")
SUBTITLES = ("——{p}改善民生服务纪实", "——记{q}党支部书记{n}")
SUBHEADS = (
    "摸清底数定规矩",
    "干部沉下去 问题提上来",
    "小网格托起大民生",
    "山青了水也绿了",
    "把钱用在刀刃上",
    "老街有了新面貌",
    "让服务跑在前面",
)
CAPTIONS = (
    "图为{p}新建成的{t}。 本报记者 {n} 摄",
    "{m}月{d}日，工人在{q}检修{t}。 {n} 摄",
    "近日，{p}的志愿者为老人送去热饭热菜，{q}的孩子们表演了节目。本报记者 {n} 摄",
)
BRIEFS = ("{p}启用新{t}", "{q}开展义诊", "{p}表彰{b}名劳模", "{q}举办读书会", "{o}发布提示")


class Writer:
    """Writes from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._unused: list[str] = []

    def fill(self, template: str) -> str:
        """``template`` with its slots filled."""
        draw = self.random
        place, other = draw.sample(PLACES, 2)
        return template.format(
            p=place,
            q=other,
            n=draw.choice(NAMES),
            o=draw.choice(OFFICES),
            t=draw.choice(THINGS),
            a=draw.randint(120, 9800),
            b=draw.randint(3, 96),
            d=draw.randint(1, 28),
            m=draw.randint(1, 12),
            y=draw.randint(2019, 2025),
        )

    def one(self, templates: tuple[str, ...]) -> str:
        """One of ``templates``, filled."""
        return self.fill(self.random.choice(templates))

    def paragraph(self, sentences: int) -> str:
        """A paragraph; sentences come round again only when all were used."""
        texts = []
        for _ in range(sentences):
            if not self._unused:
                self._unused = list(SENTENCES)
                self.random.shuffle(self._unused)
            texts.append(self.fill(self._unused.pop()))
        return "".join(texts)

    def dateline(self) -> str:
        """What opens a report."""
        name, other = self.random.sample(NAMES, 2)
        return self.random.choice(
            (f"本报讯（记者{name}）", f"本报{self.random.choice(PLACES)}电（记者{name} 通讯员{other}）", "本报讯 ")
        )

    def byline(self) -> str:
        """Who wrote it, on a line of its own."""
        name, other = self.random.sample(NAMES, 2)
        return self.random.choice((f"本报记者 {name}", f"本报记者 {name} {other}", f"□ 本报记者 {name}"))
