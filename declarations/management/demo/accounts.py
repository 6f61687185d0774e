"""The organisations and people of the demo."""

from dataclasses import dataclass

from declarations.models import Bureau, Department, Role, User

PASSWORD = "jixiao-demo-2023"
"""Of every demo account; the demo is refused in production."""

BUREAU = ("panyu", "广州市番禺区财政局")
DEPARTMENTS = {
    "panyu-dpf": "广州市番禺区残疾人联合会",
    "panyu-civil-affairs": "广州市番禺区民政局",
    "panyu-health": "广州市番禺区卫生健康局",
    "panyu-education": "广州市番禺区教育局",
}


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the demo. department: a code, "" for those who work in the bureau."""

    username: str
    name: str
    role: Role
    department: str = ""


ACCOUNTS = (
    Account("panyu-dpf", "填报人甲", Role.FILER, "panyu-dpf"),
    Account("panyu-civil-affairs", "填报人乙", Role.FILER, "panyu-civil-affairs"),
    Account("panyu-health", "填报人丙", Role.FILER, "panyu-health"),
    Account("panyu-education", "填报人丁", Role.FILER, "panyu-education"),
    Account("panyu-education-2", "填报人戊", Role.FILER, "panyu-education"),
    Account("reviewer", "审核人甲", Role.REVIEWER),
    Account("admin", "管理员甲", Role.ADMINISTRATOR),
)


def create_departments(bureau: Bureau) -> dict[str, Department]:
    """The bureau's departments by code."""
    return {
        code: Department.objects.create(bureau=bureau, code=code, name=name)
        for code, name in DEPARTMENTS.items()
    }


def create_accounts(bureau: Bureau, departments: dict[str, Department]) -> dict[str, User]:
    """The people by user name."""
    return {
        account.username: User.objects.create_user(
            account.username,
            PASSWORD,
            name=account.name,
            role=account.role,
            bureau=bureau,
            department=departments.get(account.department),
        )
        for account in ACCOUNTS
    }
