"""What looks personal: alarms where a person must look, none on what officials write every day."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from declarations.management.demo.filling import FOLDER, Content
from declarations.sheets.form import Form
from declarations.sheets.masking import default_masking, masked, suspected
from declarations.sheets.parse import parse_form
from declarations.sheets.personal import Known, mask_free
from declarations.sheets.suspicions import looks_personal
from tests.sheets.contents import records_of

FORMS = Path(__file__).parents[2] / "declarations" / "forms"

PERSONAL = [
    ("联系张三13800000000", "张三13800000000"),
    ("联系张三138****0000报名", "张三138****0000"),
    ("李四 88881234", "李四 88881234"),
    ("李四：8888****", "李四：8888****"),
    ("刘洋 881234", "刘洋 881234"),
    ("社工高明，由高明（13800000000）负责", "高明（13800000000"),
    ("全志强 138****0000", "全志强 138****0000"),
    ("请找欧阳娜娜 020-8888****", "欧阳娜娜 020-8888****"),
    ("残疾人王小虎138****0000", "王小虎138****0000"),
    ("王某某，肢体二级残疾", "王某某"),
    ("李某系低保户", "李某"),
    ("帮助于某某就业", "于某某"),
    ("为王小明同志发放补贴", "王小明同志"),
    ("感谢李大同志的帮助", "李大同志"),
    ("残疾人张三先生来电", "张三先生"),
    ("由于丹女士授课", "于丹女士"),
    ("慰问陈阿婆、黄大妹老人", "黄大妹老人"),
    ("家庭住址：大石街朝阳东路12号之一302房", "家庭住址：大石街朝阳东路12号之一302房"),
    ("现住址为番禺区沙湾镇福冠路5号", "现住址为番禺区沙湾镇福冠路5号"),
    ("送至石楼镇人民路12号301房", "送至石楼镇人民路12号301房"),
    ("医保卡号：A1234567", "医保卡号：A1234567"),
    ("病历号 20230001", "病历号 20230001"),
    ("残疾证：4401061980", "残疾证：4401061980"),
    ("440106800101123", "440106800101123"),
    ("（440106800101123）", "440106800101123"),
]
"""What somebody has to look at, and the piece that is shown of it."""

OFFICIAL = """
全年服务64000
全年服务64000人次，年均服务12800人次
年服务残疾人12345人次
全年12345人次
全区 64000
和平街 12345
水费12000元、水电费 56000
单价 12500元，共3台
单位 440113
单项12000
项目20230001
项目资金12000000，其中区级5000000
计划64000
计12000
共计128000元
有64000名残疾人
有12000
于2023年6月完成，于20230630前验收
时长64000小时
时间20230101至20231231
预算12345678.90元
单位预算20232023
方案12345
高校毕业生12000人
高龄津贴12000人
张贴海报12000张，张贴12000份
陈列馆 12000平方米
罗列12000
苏州 215000
许可 12345
范围12000
施工 12345
黄金10000克
王庄村12000亩
李村12000户
赵庄 12000米
党员同志带头，各位老同志支持
有关同志参加，相关同志列席
全体党员同志
由有关老师授课，任课老师12名
康复老师、特教老师和班主任老师
高龄老人、孤寡老人和独居老人
关爱老人，农村老人、经济困难老人满意度95%
家庭医生签约率80%，全科医生、乡村医生培训
先生产后生活
某单位、某街道、某项目
在某单位检查，于某项目试点，对某企业补贴，和某村共建
由于某些原因，有某类情况
地址：番禺区市桥街清河东路319号
办公地址：番禺区清河东路319号行政中心西座202室
会议地点：区政府大院3号楼201室
在康复中心2号楼301室开展服务
户籍地为本区的残疾人，居住地在本区的持证残疾人
残疾证120000本，办理残疾证：12000本
残疾证发放12345本
持证件办理，身份证复印件
项目编码440113202300000123、合同号440113202300001
统一社会信用代码11440113007523456X
粤财社〔2023〕123号、穗残联〔2022〕13号
热线020-8888****、咨询电话8888****
电话：12385，政务服务热线12345
全国统一热线12385
社工 12000元/人
服务对象 64000余人，服务12000多户
支出12,345,678.00元
完成率100.00%，满意度95%以上
2021-2023年，2023年1月至12月
年度 2023、2024
方向 10001
常规训练12000课时、支持性就业12000
""".strip().splitlines()


@pytest.mark.parametrize(("text", "piece"), PERSONAL)
def test_what_somebody_has_to_look_at(text: str, piece: str) -> None:
    assert piece in [found for found, _ in looks_personal(text)]


@pytest.mark.parametrize("text", OFFICIAL)
def test_what_officials_write_every_day(text: str) -> None:
    assert [*looks_personal(text)] == []
    assert [*looks_personal(f"一、{text}；")] == []
    assert [*looks_personal(f"本单位{text}")] == []


def test_there_are_many_of_both() -> None:
    assert len(OFFICIAL) >= 60
    assert len(PERSONAL) >= 20


def _strings(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict | list):
        for value in content.values() if isinstance(content, dict) else content:
            yield from _strings(value)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_nothing_in_what_departments_filed(path: Path) -> None:
    texts = [*_strings(json.loads(path.read_text(encoding="utf-8")))]
    assert len(texts) > 10
    found = {t: [*looks_personal(mask_free(t, Known())[0])] for t in texts}
    assert {text: pieces for text, pieces in found.items() if pieces} == {}


@pytest.mark.parametrize("name", sorted(path.stem for path in FORMS.glob("*.xlsx")))
def test_the_official_forms_raise_no_suspicion(name: str) -> None:
    form: Form = parse_form((FORMS / f"{name}.xlsx").read_bytes())
    records = records_of(form, Content.read(name), department="广州市番禺区残疾人联合会", year=2023)
    outcome = masked(records, form, default_masking(form))
    assert suspected(outcome.records, form) == []
