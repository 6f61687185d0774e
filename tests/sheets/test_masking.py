"""隐去: names, telephones, identity numbers; and nothing that only looks like them."""

import json
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarations.sheets.masking import (
    Masking,
    default_masking,
    maskable,
    masked,
    personal_in,
    suspected,
)
from declarations.sheets.parse import parse_form
from declarations.sheets.personal import (
    HIDDEN,
    Known,
    Rule,
    mask_free,
    mask_name_field,
    mask_phone_field,
)
from declarations.sheets.records import Item, Records
from declarations.sheets.samples import sample_records
from tests.sheets.workbooks import workbook

FORMS = Path(__file__).parents[2] / "declarations" / "forms"
CAIDIAN = parse_form((FORMS / "caidian-target.xlsx").read_bytes())
LIWAN = parse_form((FORMS / "liwan-self-evaluation.xlsx").read_bytes())
HUADU = parse_form((FORMS / "huadu-self-evaluation.xlsx").read_bytes())
NOTHING = Known()

SMALL = parse_form(
    workbook(
        {
            "A1:D1": "申报表",
            "A2": "填报人",
            "B2": "{{text.filer}}",
            "C2": "联系电话",
            "D2": "{{text.phone}}",
            "A3": "单位负责人",
            "B3": "{{text.head}}",
            "C3": "咨询电话",
            "D3": "{{text.hotline}}",
            "A4": "总体目标",
            "B4:D4": "{{text.overall_goal}}",
            "A5": "任务",
            "B5": "内容",
            "C5": "金额（元）",
            "D5": "备注",
            "A6": "{{tasks.name}}",
            "B6": "{{tasks.content}}",
            "C6": "{{tasks.amount}}",
            "D6": "{{tasks.extra.remark}}",
        },
        lines=[1],
    )
)
RULES = Masking(
    {
        "text.filer": Rule.NAME,
        "text.phone": Rule.PHONE,
        "text.head": Rule.KEEP,
        "text.hotline": Rule.KEEP,
    }
)


def small(goal: str = "", content: str = "", remark: str = "", **texts: str) -> Records:
    task = Item(
        "task", 45, {"name": "康复", "content": content, "amount": Decimal("13812345678.00")}
    )
    task.values["extra.remark"] = remark
    return Records(
        context={"year": "2023", "department.name": "残联"},
        texts={"overall_goal": goal, **texts},
        lists={"tasks": [task]},
    )


# What headings suggest


def test_headings_suggest_names_and_telephones() -> None:
    assert default_masking(CAIDIAN).fields == {
        "text.filer": Rule.NAME,
        "text.phone": Rule.PHONE,
    }
    assert default_masking(LIWAN).fields == {
        "text.handler": Rule.NAME,
        "text.handler_phone": Rule.PHONE,
        "text.manager": Rule.NAME,
        "text.manager_phone": Rule.PHONE,
    }
    assert default_masking(HUADU).fields == {}


@pytest.mark.parametrize(
    ("label", "rule"),
    [
        ("填报人（签字）", Rule.NAME),
        ("项目负责人姓名", Rule.NAME),
        ("填报人及联系电话", Rule.NAME),
        ("联系人、电话", Rule.NAME),
        ("经办人手机", Rule.PHONE),
        ("联系方式", Rule.PHONE),
        ("传真", Rule.PHONE),
        ("家庭住址", Rule.HIDE),
        ("残疾证号", Rule.HIDE),
        ("开户银行账号", Rule.HIDE),
        ("负责人职责", None),
        ("救助人数", None),
        ("主管部门", None),
        ("年度总体目标", None),
    ],
)
def test_what_a_heading_suggests(label: str, rule: Rule | None) -> None:
    field = replace(SMALL.fields["text.filer"], label=label)
    form = replace(SMALL, fields={**SMALL.fields, "text.filer": field})
    assert default_masking(form).fields.get("text.filer") == rule


def test_rules_are_for_words_that_the_form_shows() -> None:
    assert [f.tag for f in maskable(SMALL)] == [
        "text.filer",
        "text.phone",
        "text.head",
        "text.hotline",
        "text.overall_goal",
        "tasks.name",
        "tasks.content",
        "tasks.extra.remark",
    ]


def test_rules_survive_as_json() -> None:
    rules = Masking({"text.phone": Rule.PHONE, "text.filer": Rule.KEEP}, ("020-12345678",))
    stored = json.loads(json.dumps(rules.to_json()))
    assert Masking.from_json(stored) == rules
    assert list(stored["fields"]) == ["text.filer", "text.phone"]
    assert Masking.from_json({}) == Masking()
    for wrong in ("id", "other"):
        with pytest.raises(ValueError):
            Masking.from_json({"fields": {"text.phone": wrong}})


# Single fields


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("张三", "张**"),
        ("张　三", "张**"),
        ("欧阳娜娜", "欧阳**"),
        ("欧阳", "欧**"),
        ("张三、李四", "张**、李**"),
        ("张三 李四", "张** 李**"),
        ("张三主任", "张**主任"),
        ("张三（财务科科长）", "张**（财务科科长）"),
        ("财务科张三", "财务科张**"),
        ("办公室 张三", "办公室 张**"),
        ("姓名：张三", "姓名：张**"),
        ("张三 13812345678", "张** 138****5678"),
        ("张三13812345678", "张**138****5678"),
        ("张三，zhangsan@example.gov.cn", "张**，z***@example.gov.cn"),
        ("买买提·艾合买提", "买**"),
        ("John Smith", "J**"),
        ("填报人甲", "填**"),
        ("张", "张"),
        ("无", "无"),
        ("办公室", "办公室"),
        ("计财科", "计**"),  # may be a name: the surname is one
    ],
)
def test_of_a_name_the_surname_stays(text: str, after: str) -> None:
    assert mask_name_field(text)[0] == after
    assert mask_name_field(after) == (after, [])


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("13812345678", "138****5678"),
        ("+86 138-1234-5678", "+86 138-****-5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("020-88881234", "020-8888****"),
        ("（020）8888 1234", "（020）8888 ****"),
        ("0763-3331234转801", "0763-333****转801"),
        ("88881234", "8888****"),
        ("681234", "68****"),
        ("8888 1234", "8888 ****"),
        ("88881234 88885678 88889999", "8888**** 8888**** 8888****"),
        ("020-88881234/13812345678", "020-8888****/138****5678"),
        ("办公室 88881234", "办公室 8888****"),
        ("88881234（张三）", "8888****（张**）"),
        ("分机 801", "分机 801"),
        ("无", "无"),
    ],
)
def test_of_a_telephone_four_digits_go(text: str, after: str) -> None:
    assert mask_phone_field(text)[0] == after
    assert mask_phone_field(after) == (after, [])


# Anywhere


@pytest.mark.parametrize(
    "piece",
    ["1", "138-", "020-", "62 ", "a@", "a.", "张", "张 ", "电话", "账号1 ", "8888 1234、", "Ab "],
)
def test_long_texts_take_no_long_time(piece: str) -> None:
    """Whatever is repeated in it; a backtracking pattern would take minutes."""
    text = (piece * 20_000)[:20_000]
    known = Known(frozenset({"张三", "Ab C"}), frozenset({"88881234", "13812345678"}))
    begun = time.perf_counter()
    for mask in (mask_name_field, mask_phone_field, lambda t: mask_free(t, known)):
        mask(text)
    suspected(small(goal=text), SMALL)
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("请拨打13812345678咨询", "请拨打138****5678咨询"),
        ("tel13812345678", "tel138****5678"),
        ("*13812345678*", "*138****5678*"),
        ("13812345678万先生", "138****5678万先生"),
        ("热线020-12345678，或02012345678", "热线020-1234****，或0201234****"),
        ("联系电话：88885678、88889999", "联系电话：8888****、8888****"),
        ("身份证440106198001011234办理", "身份证440***********1234办理"),
        ("证号44010619800101123X。", "证号440***********123X。"),
        ("残疾证44010619800101123443", "残疾证440*************3443"),
        ("老证件号440106800101123", "老证件号440********1123"),
        ("卡号6222021234567890123", "卡号***************0123"),
        ("汇入6228480402564890018", "汇入***************0018"),
        ("账号 44 0501 0000 1234", "账号 ** **** **** 1234"),
        ("邮箱 a.b-c@mail.example.gov.cn", "邮箱 a***@mail.example.gov.cn"),
        ("邮箱zhang@example.cn，", "邮箱z***@example.cn，"),
    ],
)
def test_what_is_found_by_its_shape(text: str, after: str) -> None:
    assert mask_free(text, NOTHING)[0] == after
    assert mask_free(after, NOTHING) == (after, [])
    assert len(personal_in(text)) >= 1


@pytest.mark.parametrize(
    "text",
    [
        "粤财〔2023〕123号、穗残联〔2022〕13号",
        "金额13812345678.00元",
        "共计13812345678元，其中1,381,234,567.80元",
        "支出88881234元，比上年增加20230105元",
        "2023-01-05至2023-12-31，20230105",
        "项目编码440113202300000123456",
        "统一社会信用代码11440113007523456X",
        "12440000MB2C123456",
        "服务13912人次，占12.345678%",
        "版本2.13812345678.4",
        "第12345678901234号文",
        "热线12345、12385和400-830-1234",
        "救助1380013人",
        "6222021234567890124",  # the check digit does not fit
        "A13812345678",
        "138****5678、020-8888****、440***********1234",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert mask_free(text, NOTHING) == (text, [])
    assert personal_in(text) == []


# Whole records


def test_what_is_masked_in_its_field_is_masked_wherever_it_stands() -> None:
    records = small(
        goal="由张三负责，张 三的电话为88881234。\n手机：138 1234 5678",
        content="联系张三（13812345678）",
        remark="张三丰不是他",
        filer="张三",
        phone="020-88881234，13812345678",
    )
    found = masked(records, SMALL, RULES).records
    assert found.texts["overall_goal"] == "由张**负责，张**的电话为8888****。\n手机：138 **** 5678"
    (task,) = found.lists["tasks"]
    assert task.values["content"] == "联系张**（138****5678）"
    assert task.values["extra.remark"] == "张**丰不是他"
    assert (found.texts["filer"], found.texts["phone"]) == ("张**", "020-8888****，138****5678")


def test_the_records_themselves_stay_as_they_are() -> None:
    records = small(filer="张三", goal="张三负责")
    before = json.dumps(records.to_json())
    outcome = masked(records, SMALL, RULES)
    assert json.dumps(records.to_json()) == before
    assert [(c.anchor, c.label, c.before, c.after, c.rule) for c in outcome.changes] == [
        ("text/filer", "填报人", "张三", "张**", Rule.NAME),
        ("text/overall_goal", "总体目标", "张三", "张**", Rule.NAME),
    ]


def test_changes_in_a_list_name_their_row() -> None:
    (change,) = masked(small(content="请联系13812345678"), SMALL, RULES).changes
    assert (change.anchor, change.label) == ("task/45/content", "第1行 内容")


def test_amounts_are_never_touched() -> None:
    outcome = masked(small(phone="13812345678"), SMALL, RULES)
    assert outcome.records.lists["tasks"][0].values["amount"] == Decimal("13812345678.00")


def test_a_departments_head_and_number_may_stay() -> None:
    kept = small(
        goal="咨询请拨020-38881234或38881234，李四主任负责；经办人13812345678",
        head="李四",
        hotline="020-38881234",
    )
    found = masked(kept, SMALL, RULES).records
    assert (found.texts["head"], found.texts["hotline"]) == ("李四", "020-38881234")
    assert found.texts["overall_goal"] == (
        "咨询请拨020-38881234或38881234，李四主任负责；经办人138****5678"
    )
    hidden = masked(kept, SMALL, Masking()).records
    assert "020-3888****" in hidden.texts["overall_goal"]


def test_identity_numbers_are_masked_even_where_a_field_is_kept() -> None:
    kept = small(head="李四 440106198001011234", hotline="a@example.com 020-38881234")
    found = masked(kept, SMALL, RULES).records
    assert found.texts["head"] == "李四 440***********1234"
    assert found.texts["hotline"] == "a***@example.com 020-38881234"


def test_what_is_said_to_be_public_stays_in_texts_but_not_in_its_field() -> None:
    rules = replace(RULES, public=("020-38881234", "高峰"))
    records = small(goal="高峰期拨打020-38881234", filer="高峰", phone="020-38881234")
    found = masked(records, SMALL, rules).records
    assert found.texts["overall_goal"] == "高峰期拨打020-38881234"
    assert (found.texts["filer"], found.texts["phone"]) == ("高**", "020-3888****")


def test_a_hidden_field_says_so_and_a_blank_one_stays_blank() -> None:
    rules = Masking({"text.head": Rule.HIDE, "text.filer": Rule.HIDE})
    outcome = masked(small(head="任何内容", filer=""), SMALL, rules)
    assert (outcome.records.texts["head"], outcome.records.texts["filer"]) == (HIDDEN, "")
    assert [c.rule for c in outcome.changes] == [Rule.HIDE]
    assert masked(outcome.records, SMALL, rules).changes == ()


def test_what_the_form_has_no_cell_for_is_left_out() -> None:
    records = small(goal="目标", remark="备注", forgotten="谁也没看过的13812345678")
    records.context |= {"based_on": "123", "round.name": "2023年目标"}
    records.lists["tasks"][0].values["weight"] = Decimal(1)
    records.scores = {"old": {"basis": "旧内容"}}
    content = masked(records, SMALL, RULES).records.to_json()
    assert "forgotten" not in content["texts"]
    assert "scores" not in content
    assert set(content["context"]) == {"year", "department.name", "round.name"}
    assert set(content["lists"]["tasks"][0]["values"]) == {
        "name",
        "content",
        "amount",
        "extra.remark",
    }


@pytest.mark.parametrize("name", sorted(p.name for p in FORMS.glob("*.xlsx")))
def test_every_form_shows_the_same_after_masking_what_is_not_personal(name: str) -> None:
    """Also what it computes: nothing that a formula needs is left out."""
    from declarations.sheets.bind import bind

    form = parse_form((FORMS / name).read_bytes())
    records = sample_records(form)
    before = [cell.text for cell in bind(form, records).cells()]
    after = [cell.text for cell in bind(form, masked(records, form, Masking()).records).cells()]
    assert after == before


# What a person has to look at


def test_what_looks_personal_and_stays_is_pointed_out() -> None:
    records = small(
        goal="为王小明同志发放补贴；李某某系肢体二级残疾。家庭住址：大石街朝阳东路12号之一302房。",
        content="刘洋 881234；医保卡号：A1234567",
        remark="440106800101123",
    )
    found = suspected(masked(records, SMALL, RULES).records, SMALL)
    assert {(s.anchor, s.text, s.why) for s in found} >= {
        ("text/overall_goal", "王小明同志", "像是姓名"),
        ("text/overall_goal", "李某某", "像是个人情况"),
        ("task/45/content", "刘洋 881234", "像是姓名和号码"),
        ("task/45/content", "医保卡号：A1234567", "像是个人证件号码"),
        ("task/45/extra.remark", "440106800101123", "像是证件号码"),
    }
    assert any(s.why == "像是住址" for s in found)


def test_ordinary_texts_raise_no_suspicion() -> None:
    for form in (CAIDIAN, LIWAN, HUADU):
        assert suspected(masked(sample_records(form), form, Masking()).records, form) == []
    text = "全年为残疾人提供康复服务1234人次，经费12.5万元；依据粤财〔2023〕123号文。残疾老人满意度95%。"
    assert suspected(small(goal=text), SMALL) == []


# Properties

SURNAME = st.sampled_from(["张", "王", "李", "欧阳", "司马", "计", "高", "文"])
GIVEN = st.text("三四五峰娜伟芳", min_size=1, max_size=2)
NAMES = st.builds(lambda s, g: s + g, SURNAME, GIVEN)
MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
LANDLINES = st.from_regex(r"0(10|20|763|27)-[2-9][0-9]{7}", fullmatch=True)
PIECES = st.one_of(
    NAMES,
    MOBILES,
    LANDLINES,
    st.from_regex(r"[1-9][0-9]{5}19[0-9]{2}0[1-9]1[0-9][0-9]{3}[0-9X]", fullmatch=True),
    st.sampled_from(
        [
            "电话：",
            "身份证",
            "账号",
            "、",
            " ",
            "-",
            "*",
            "**",
            "（",
            "）",
            "元",
            "同志",
            "2023年",
            "@a.cn",
        ]
    ),
    st.text("0123456789０１*-. ", max_size=12),
    st.text(max_size=6),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)
CLEAN = st.text("服务残疾人，。：（）\n；、", max_size=10)


@given(st.tuples(*[TEXTS] * 6))
def test_masking_twice_is_masking_once(texts: tuple[str, ...]) -> None:
    filer, phone, head, hotline, goal, content = texts
    records = small(goal, content, filer=filer, phone=phone, head=head, hotline=hotline)
    once = masked(records, SMALL, RULES)
    twice = masked(once.records, SMALL, RULES)
    assert twice.records.to_json() == once.records.to_json()
    assert twice.changes == ()


@given(MOBILES, LANDLINES, NAMES, CLEAN, CLEAN)
def test_nothing_masked_is_left_anywhere(
    mobile: str, landline: str, name: str, before: str, after: str
) -> None:
    own = landline[-8:]
    records = small(
        goal=f"{before}{name}{after}{own}{before}",
        content=f"{after}{mobile}{before}{name}",
        remark=f"{landline}，{mobile}，{name}",
        filer=name,
        phone=f"{landline} {mobile}",
    )
    left = json.dumps(masked(records, SMALL, RULES).records.to_json(), ensure_ascii=False)
    for personal in (mobile, landline, own, name):
        assert personal not in left.replace("13812345678.00", "")


AMOUNTS = st.decimals(min_value=0, max_value=10**13, places=2)


@given(AMOUNTS, TEXTS)
def test_amounts_stay_as_numbers_and_in_texts(amount: Decimal, phone: str) -> None:
    records = small(phone=phone)
    records.lists["tasks"][0].values["amount"] = amount
    assert masked(records, SMALL, RULES).records.lists["tasks"][0].values["amount"] == amount
    for text in (f"安排资金{amount}元", f"安排资金{amount}万元", f"共{int(amount)}元"):
        assert mask_free(text, NOTHING) == (text, [])
