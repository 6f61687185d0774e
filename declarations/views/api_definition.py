"""What the API can be asked, and what it answers: read by its views, and told as OpenAPI.

A parameter says how it is read and what its schema is; rows have the schema of their columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from declarations.queries.published import PUBLIC_FORMATS
from declarations.sheets.open_data import Column, Dataset
from declarations.sheets.open_datasets import (
    ADDRESS,
    BUREAU,
    CHANGE_LOG,
    DECLARATIONS,
    DEPARTMENT,
    DEPARTMENT_CODE,
    LICENCE,
)
from declarations.views import api_parameters as parameters
from declarations.views.api_parameters import MOST, Parameter

TITLE = "部门绩效信息公开数据接口"
VERSION = "1.0.0"
PROBLEM = "application/problem+json"
"""The media type of errors (RFC 9457)."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address of the API. name: of the URL pattern; path: below the API's own address.

    schema: of what it answers, by its name among SCHEMAS. is_list: whether it answers pages
    of these. of_one: whether there may be no such thing.
    """

    name: str
    path: str
    summary: str
    schema: str
    parameters: tuple[Parameter, ...] = ()
    is_list: bool = False
    of_one: bool = False
    description: str = ""

    @property
    def asked(self) -> dict[str, Parameter]:
        """What can be asked after the ``?``, by name."""
        return {p.name: p for p in self.parameters if p.within == "query"}

    def described(self) -> dict[str, Any]:
        """Its Path Item Object."""
        content = _reference(self.schema)
        if self.is_list:
            content = _page_of(self.schema)
        answers: dict[str, Any] = {
            "200": {"description": "成功", "content": {"application/json": {"schema": content}}},
            "304": {"description": "与 If-None-Match 所说的相同，没有变化"},
        }
        if self.asked:
            answers["400"] = _problem("参数有误")
        if self.of_one:
            answers["404"] = _problem("没有公开过")
        operation: dict[str, Any] = {
            "operationId": self.name,
            "summary": self.summary,
            "parameters": [p.described() for p in self.parameters],
            "responses": answers,
        }
        if self.description:
            operation["description"] = self.description
        return {"get": operation}


INDEX = Endpoint("public-api", "/", "接口有哪些地址", "Index")
BUREAUS = Endpoint("public-api-bureaus", "/bureaus/", "有公开内容的财政局", "Bureau", is_list=True)
DEPARTMENTS = Endpoint(
    "public-api-departments",
    "/departments/",
    "有公开内容的部门",
    "Department",
    (parameters.BUREAU_CODE, parameters.CURSOR, parameters.LIMIT),
    is_list=True,
)
LIST = Endpoint(
    "public-api-declarations",
    "/declarations/",
    "公开目录",
    "Declaration",
    (
        parameters.BUREAU_CODE,
        parameters.OF_YEAR,
        parameters.OF_KIND,
        parameters.OF_DEPARTMENT,
        parameters.WORDS,
        parameters.SINCE,
        parameters.CURSOR,
        parameters.LIMIT,
    ),
    is_list=True,
    description="每份申报一条，为其最近一次公开，撤回的也在内。按 changed_at 从早到晚排列：读完以后，"
    "把最后一条的 changed_at 作为 changed_since 再读，就是其后的变化。带 q 的只给现行公开的，最近的在前。",
)
DETAIL = Endpoint(
    "public-api-declaration",
    "/declarations/{department}/{year}/{form}/",
    "一份申报最近一次公开的内容、文件和历次公开",
    "DeclarationDetail",
    parameters.OF_ONE,
    of_one=True,
)
OF_VERSION = Endpoint(
    "public-api-version",
    "/declarations/{department}/{year}/{form}/versions/{number}/",
    "一份申报某一次公开的内容和文件",
    "DeclarationDetail",
    (*parameters.OF_ONE, parameters.OF_VERSION),
    of_one=True,
)
CHANGES = Endpoint(
    "public-api-changes",
    "/changes/",
    "变更记录，最近的在前",
    "Change",
    (parameters.BUREAU_CODE, parameters.SINCE, parameters.CURSOR, parameters.LIMIT),
    is_list=True,
)
ENDPOINTS = (INDEX, BUREAUS, DEPARTMENTS, LIST, DETAIL, OF_VERSION, CHANGES)

_CHANGED_AT = Column("changed_at", "最近变动时间", type="datetime", required=True)
_COUNT = Column("declarations", "现行公开的份数", type="integer", required=True)
_LINK = Column("api", "接口地址", required=True)
BUREAU_COLUMNS = (
    BUREAU,
    Column("bureau", "财政局", required=True),
    _COUNT,
    _CHANGED_AT,
    Column("contact", "公开联系方式"),
    ADDRESS,
    Column("data", "开放数据的网址", required=True),
)
DEPARTMENT_COLUMNS = (BUREAU, DEPARTMENT_CODE, DEPARTMENT, _COUNT, _CHANGED_AT, ADDRESS, _LINK)
DECLARATION_COLUMNS = (*DECLARATIONS.columns, _CHANGED_AT, _LINK)
FILE_COLUMNS = (
    Column("format", "格式", choices=PUBLIC_FORMATS, required=True),
    Column("name", "文件名", required=True),
    Column("bytes", "字节数", type="integer", required=True),
    Column("sha256", "SHA-256", required=True),
    ADDRESS,
)
VERSION_COLUMNS = (
    *(
        DECLARATIONS.column(name)
        for name in ("version", "code", "state", "published_at", "superseded_at", "withdrawn_at")
    ),
    *(DECLARATIONS.column(name) for name in ("reason", "withdrawal_reason")),
    ADDRESS,
    _LINK,
)


def _object(title: str, *columns: Column) -> dict[str, Any]:
    return Dataset("", title, "", columns, ()).json_schema()


def _list_of(schema: Mapping[str, Any], title: str) -> dict[str, Any]:
    return {"type": "array", "title": title, "items": dict(schema)}


def _detail() -> dict[str, Any]:
    schema = _object("一份申报", *DECLARATION_COLUMNS)
    further = {
        "files": _list_of(_object("文件", *FILE_COLUMNS), "文件；撤回的没有"),
        "versions": _list_of(_object("一次公开", *VERSION_COLUMNS), "历次公开，最近的在前"),
        "labels": {
            "type": "object",
            "title": "内容中各项的名称",
            "description": "如 text.overall_goal、funding.basic.budget、indicators.target",
            "additionalProperties": {"type": "string"},
        },
        "content": {
            "type": ["object", "null"],
            "title": "填报的内容",
            "description": "个人信息已经隐去；金额以元为单位，数值写成文字以免丢失精度；撤回的为 null。"
            "content_sha256 是它的哈希值（键排序、无空格的 JSON，UTF-8）",
        },
    }
    schema["properties"] |= further
    schema["required"] += list(further)
    return schema


_TEXT = {"type": "string"}
SCHEMAS: dict[str, dict[str, Any]] = {
    "Index": {
        "type": "object",
        "properties": {
            "title": _TEXT,
            "version": _TEXT,
            "licence": _TEXT,
            "openapi": {"type": "string", "format": "uri"},
            "addresses": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        "required": ["title", "version", "licence", "openapi", "addresses"],
        "additionalProperties": False,
    },
    "Bureau": _object("财政局", *BUREAU_COLUMNS),
    "Department": _object("部门", *DEPARTMENT_COLUMNS),
    "Declaration": _object("申报", *DECLARATION_COLUMNS),
    "DeclarationDetail": _detail(),
    "Change": CHANGE_LOG.json_schema(),
    "Problem": {
        "type": "object",
        "title": "错误（RFC 9457）",
        "properties": {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "parameter": {"type": "string", "description": "有误的参数"},
        },
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": False,
    },
}
"""The JSON Schemas of what is answered, by their names in the document."""


def document(server: str) -> dict[str, Any]:
    """The OpenAPI document. server: the API's own address, without the last slash."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": VERSION,
            "description": f"只读，无需登录。{LICENCE}",
        },
        "servers": [{"url": server}],
        "paths": {endpoint.path: endpoint.described() for endpoint in ENDPOINTS},
        "components": {"schemas": SCHEMAS},
    }


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _page_of(name: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": _reference(name), "maxItems": MOST},
            "next": {
                "type": ["string", "null"],
                "format": "uri",
                "description": "下一页的网址，没有下一页为 null",
            },
        },
        "required": ["items", "next"],
        "additionalProperties": False,
    }


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {PROBLEM: {"schema": _reference("Problem")}}}
