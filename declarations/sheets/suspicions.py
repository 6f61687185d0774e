"""What in a text looks personal though no rule is sure of it: a person has to look. Pure strings.

A false alarm costs an official time on every form, so that a name counts only where its shape is
strong. Many surnames are everyday words (年, 全, 和, 水, 单, 项): they count only beside 同志, a
telephone or the like, and where a name can begin.
"""

import re
from collections.abc import Iterator

from declarations.sheets.personal import has_surname
from declarations.sheets.surnames import COMPOUND

_NAME, _NAME_AND_NUMBER = "像是姓名", "像是姓名和号码"
_CASE, _ADDRESS = "像是个人情况", "像是住址"
_CERTIFICATE, _LONG_NUMBER = "像是个人证件号码", "像是证件号码"

_TELLING = frozenset(
    "王李张刘陈杨赵黄吴徐孙胡朱郭何罗郑梁宋唐许韩冯邓曹彭曾萧蔡潘袁董余苏叶吕魏蒋杜丁沈姜范傅卢汪戴"
    "崔陆廖姚邹熊郝邱秦侯邵孟尹薛阎黎赖龚贺樊兰殷施陶翟倪严俞柳邢聂柯鲁韦岳焦柴霍庞欧涂冼谭肖闫甄"
)
"""Surnames that hardly begin a word of official texts."""
_WORDS = (
    "丁等 丁类 万人 万元 万吨 万平 万户 严格 严禁 严重 于是 于此 从业 从事 "
    "任务 任教 任课 伍佰 伏案 何地 何时 何种 余人 余份 余元 余场 余户 余次 "
    "余款 余额 侯选 俞村 傅村 元整 充值 充分 党内 党员 党外 党委 党建 全体 "
    "全区 全员 全国 全局 全市 全年 全民 全省 全科 全院 公众 公共 公务 公司 "
    "公告 公安 公开 公斤 公职 公里 公顷 兰州 关注 关爱 农业 农村 农民 利用 "
    "别的 包含 包括 单价 单位 单号 单据 单独 单项 卢森 双拥 双方 叶片 司法 "
    "吕梁 和其 和平 和谐 唐山 商务 国内 国家 国库 国有 姚村 孙子 孟加 季度 "
    "安全 安置 安装 宋体 官方 官网 家庭 家长 容量 尚未 尹村 居委 居家 居民 "
    "山区 岳麓 崔村 巫山 师资 席位 常年 常规 干部 平台 平均 平方 年初 年均 "
    "年度 年末 年级 年龄 广告 广场 应对 应届 应急 庞大 康复 张挂 张罗 张贴 "
    "强化 彭水 徐州 成本 成果 戴帽 房屋 房租 支付 支出 支持 支部 文件 文化 "
    "文号 文明 方案 施工 施肥 施行 时任 时段 时长 时间 时限 明细 曹村 曾在 "
    "曾经 有关 有的 李子 村委 杜绝 杨柳 杨梅 查处 查询 柳州 柴油 梁柱 欧洲 "
    "步行 毛重 水利 水务 水平 水库 水电 水费 水量 汪洋 沈阳 沙发 涂料 温馨 "
    "游客 满意 满足 潘多 热线 焦点 熊猫 牛羊 牧民 班次 班组 班长 电话 白云 "
    "百里 益民 相关 相应 祝福 种子 秦岭 立方 简易 米面 经办 经费 罗列 聂村 "
    "胡同 能够 花卉 花费 苏州 英语 范例 范围 董事 蔡甸 薛村 解决 计划 计生 "
    "计算 许可 许多 贡献 费用 贺卡 赵县 路人 路灯 车次 车牌 车费 车辆 车间 "
    "边界 边防 通用 通知 通过 邓村 那些 郑州 都在 都市 金额 门牌 门票 门诊 "
    "陆军 陆地 陆续 陈列 陈设 陈述 陶瓷 霍乱 青少 青年 韩国 项下 项数 项目 "
    "马路 高中 高校 高龄 鱼塘 鲁班 黄牌 黄色 黄金 黎明 "
)
_EVERYDAY = frozenset(_WORDS.split())
"""Words of two characters that begin like a name."""

_HAN = r"\u4e00-\u9fff"
_RUN = re.compile(rf"[{_HAN}]+")
_TITLE = re.compile("(?P<sure>同志|先生(?!产)|女士(?!兵)|小姐(?!妹))|老人|医生(?!产)|老师(?!傅)")
_LED = re.compile(
    "(?:联系人?|联络人?|咨询|致电|拨打|负责人|经办人|填报人|承办人|监护人|家属|本人|户主|患者|学生|社工|"
    "主任|科长|书记|站长|队长|医生|老师|同志|找|为|是|由|向|与|和|及|或|给|对|经|请|令|原|名|叫|"
    "感谢|帮助|扶持|慰问|走访|聘请|邀请|会同)$"
)
"""What may stand right before a name."""

_NUMBER = re.compile(r"(?P<gap>[ 　:：（(]{0,2})(?P<number>\d[\d*]*+(?:[ \-—–－][\d*]{3,})*)")
_PHONE = re.compile(r"(?:86)?1[3-9][\d*]{9}|0\d{2,3}[\d*]{7,8}")
_LEAST = 5
"""Digits of a number beside a name."""
_MOST = 13
_PERIOD = re.compile(r"(?:19|20)\d\d(?:\D?(?:0[1-9]|1[0-2])(?:\D?\d\d)?|\D(?:19|20)\d\d)?")
_QUANTITY = re.compile(
    r"\s*(?:\.\d|[,，]\d{3}|[%‰％+＋～~]|[余多]|[十百千万亿]|[年月日号届期季]|[元角分]|"
    "[人户件个名例份场家项台套亩吨米次批张本只支盒袋箱瓶辆艘栋幢间座处所条段根块棵株头尾羽公千平立升克斤]|"
    "课时|学时|小时|床|杯|篇|幅|册|部|组|队|岁|天|周|课|节|站|村|街|路|镇|区|人次|人员|宗|笔|门|类|级|点|层|楼|字|词|页)"
)
"""What makes of digits an amount, a date or a place."""

_SOMEBODY = re.compile(rf"(?P<who>[{_HAN}])某(?P<more>某?)(?P<behind>[{_HAN}]{{0,2}})")
_SOME = re.compile(
    r"单位|部门|公司|企业|项目|街|镇|村|区|县|市|省|校|医院|学校|机构|地|些|种|类|个|项|一|年|月|日|时"
)
"""What makes of 某 “a certain”, and of what stands before it no surname."""

_HOME = re.compile(
    r"(?:(?:户籍|家庭|居住|住宅|现)*(?:住址|户籍地|居住地)|(?:户籍|家庭|居住|现住|住宅)地?址)"
    r"(?:[:：]\s*(?=\S{2})|[为是在]?(?=[^，。；;\n]{0,18}\d))[^，。；;\n]{2,20}"
)
_ROOM = re.compile(
    rf"[{_HAN}]{{2,12}}+\d{{1,5}}号(?:之[一二三四五六七八九十])?.{{0,6}}?\d{{2,5}}(?:室|房)(?!间|屋)"
)
_OFFICE = re.compile("办公|会议|单位|机构|中心|场所|场地|服务|门店|校|院|局|楼宇|地点|委员会|大厅")
_KIND = "身份证|残疾人?证|证件|病历|病案|住院|医保卡|社保卡|低保证|护照|军官证|驾驶证"
_CARD = re.compile(
    rf"(?:{_KIND})(?:(?:号码|编号|号)\s*[:：为是]?|\s*[:：])\s*(?P<number>[A-Za-z\d]{{5,}}+)(?![\d*])"
)
_BARE = re.compile(r"(?<![\dA-Za-z*.\-—–－])(?:\d{18}|\d{15})(?![\dA-Za-z*.\-—–－])")
_OF_A_THING = re.compile(
    "(?:编码|编号|代码|文号|单号|凭证|合同|信用|项目|资产|指标|批号|序号|订单|条码|账|帐)[^，。；;\n]{0,6}$"
)
_SHORT_WAY = 12
"""Characters before something in which it may be said what it is."""


def looks_personal(text: str) -> Iterator[tuple[str, str]]:
    """Pieces of a text that look personal, each with what it looks like, kind by kind."""
    yield from _titled(text)
    yield from _numbered(text)
    yield from _cases(text)
    yield from _addresses(text)
    yield from _certificates(text)


def _titled(text: str) -> Iterator[tuple[str, str]]:
    """王小明同志; before 老人, 医生 and 老师 any word can stand, so that a surname must tell more."""
    for title in _TITLE.finditer(text):
        if name := _name_before(text, title.start(), sure=title["sure"] is not None):
            yield f"{name}{title[0]}", _NAME


def _numbered(text: str) -> Iterator[tuple[str, str]]:
    """李四 88881234, also where the number is masked already."""
    for run in _RUN.finditer(text):
        found = _NUMBER.match(text, run.end())
        if found is None or not _is_number(text, found):
            continue
        sure = _PHONE.fullmatch(_bare(found["number"])) is not None
        if name := _name_before(text, run.end(), sure=sure):
            yield f"{name}{found[0]}", _NAME_AND_NUMBER


def _is_number(text: str, found: re.Match[str]) -> bool:
    """Whether it can be a telephone or so, and is no amount, date or quantity."""
    number = _bare(found["number"])
    if _PHONE.fullmatch(number):
        return True
    if not _LEAST <= len(number) <= _MOST or _PERIOD.fullmatch(found["number"]):
        return False
    return _QUANTITY.match(text, found.end()) is None


def _bare(number: str) -> str:
    return "".join(c for c in number if c in "0123456789*")


def _name_before(text: str, end: int, *, sure: bool) -> str:
    """The name that ends there, "" where what stands there is none.

    It begins where the Chinese characters begin, or after a word that leads to a name; with
    `sure` beside it a telling surname may also stand within other characters.
    """
    names = [text[end - n : end] for n in (3, 2, 4) if n <= end]
    names = [n for n in names if _RUN.fullmatch(n) and _reads_as_name(n, sure=sure)]
    begins = (n for n in names if _begins(text, end - len(n)))
    telling = (n for n in names if sure and _is_telling(n))
    return next(begins, "") or next(telling, "")


def _begins(text: str, start: int) -> bool:
    """Whether a name can begin there."""
    before = text[max(0, start - 4) : start]
    return not _RUN.fullmatch(before[-1:]) or _LED.search(before) is not None


def _reads_as_name(name: str, *, sure: bool) -> bool:
    """Whether the characters are a name: with a telling surname, or, of others, if `sure`."""
    if not has_surname(name) or {name[:2], name[-2:]} & _EVERYDAY:
        return False
    compound = name[:2] in COMPOUND
    return (len(name) < 4 or compound) and (sure or _is_telling(name))


def _is_telling(name: str) -> bool:
    return name[0] in _TELLING or (name[:2] in COMPOUND and len(name) > 2)


def _cases(text: str) -> Iterator[tuple[str, str]]:
    """王某某, as cases are told."""
    for found in _SOMEBODY.finditer(text):
        if _SOME.match(found["behind"]):
            continue
        alone = found["more"] or not found["behind"]
        name = has_surname(f"{found['who']}某") and alone and _begins(text, found.start())
        if found["who"] in _TELLING or name:
            yield f"{found['who']}某{found['more']}", _CASE


def _addresses(text: str) -> Iterator[tuple[str, str]]:
    """Where somebody lives; a room of an office is none."""
    ends = 0
    for found in _HOME.finditer(text):
        ends = found.end()
        yield found[0], _ADDRESS
    for found in _ROOM.finditer(text):
        said = text[max(0, found.start() - _SHORT_WAY) : found.end() + 2]
        if found.start() >= ends and not _OFFICE.search(said):
            yield found[0], _ADDRESS


def _certificates(text: str) -> Iterator[tuple[str, str]]:
    for found in _CARD.finditer(text):
        if any(c.isdigit() for c in found["number"]) and not _QUANTITY.match(text, found.end()):
            yield found[0], _CERTIFICATE
    for found in _BARE.finditer(text):
        before = text[max(0, found.start() - _SHORT_WAY) : found.start()]
        if not _OF_A_THING.search(before) and not _QUANTITY.match(text, found.end()):
            yield found[0], _LONG_NUMBER
