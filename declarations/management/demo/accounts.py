"""The organisations and people of the demo."""

from dataclasses import dataclass

from django.utils import timezone

from declarations.models import Bureau, Department, DepartmentGroup, Role, User

PASSWORD = "jixiao-demo-2023"
"""Of every demo account; the demo is refused in production."""


NO_TELEPHONE = "020-00000000，演示数据"
"""Of the bureaus, for the public site."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the demo. department: a code, "" for those who work in the bureau."""

    username: str
    name: str
    role: Role
    department: str = ""

    @property
    def email(self) -> str:
        """In a domain that nobody can have."""
        return f"{self.username}@example.com"


@dataclass(frozen=True, slots=True)
class District:
    """A finance bureau of the demo. departments: code to name; each code is also the user
    name of its filer. groups: of departments, name to codes. accounts: people, in the order in
    which they are listed."""

    code: str
    name: str
    departments: dict[str, str]
    groups: dict[str, tuple[str, ...]]
    accounts: tuple[Account, ...]

    def create(self) -> tuple[Bureau, list[Department], list[User]]:
        """Stores the bureau with its departments and people."""
        bureau = Bureau.objects.create(
            code=self.code,
            name=self.name,
            public_contact=f"{self.name}绩效管理科（{NO_TELEPHONE}）",
        )
        groups = {
            code: group
            for name, codes in self.groups.items()
            for group in [DepartmentGroup.objects.create(bureau=bureau, name=name)]
            for code in codes
        }
        departments = {
            code: Department.objects.create(
                bureau=bureau, code=code, name=name, group=groups.get(code)
            )
            for code, name in self.departments.items()
        }
        people = [
            User.objects.create_user(
                account.username,
                PASSWORD,
                name=account.name,
                role=account.role,
                bureau=bureau,
                department=departments.get(account.department),
                email=account.email,
                password_changed_at=timezone.now(),  # nobody has to change it first
            )
            for account in self.accounts
        ]
        return bureau, list(departments.values()), people


PANYU = District(
    code="panyu",
    name="广州市番禺区财政局",
    departments={
        "panyu-dpf": "广州市番禺区残疾人联合会",
        "panyu-civil-affairs": "广州市番禺区民政局",
        "panyu-health": "广州市番禺区卫生健康局",
        "panyu-education": "广州市番禺区教育局",
    },
    groups={
        "民生组": ("panyu-dpf", "panyu-civil-affairs"),
        "教卫组": ("panyu-health", "panyu-education"),
    },
    accounts=(
        Account("panyu-dpf", "填报人甲", Role.FILER, "panyu-dpf"),
        Account("panyu-civil-affairs", "填报人乙", Role.FILER, "panyu-civil-affairs"),
        Account("panyu-health", "填报人丙", Role.FILER, "panyu-health"),
        Account("panyu-education", "填报人丁", Role.FILER, "panyu-education"),
        Account("panyu-education-2", "填报人戊", Role.FILER, "panyu-education"),
        Account("panyu-dpf-head", "负责人甲", Role.HEAD, "panyu-dpf"),
        Account("panyu-civil-affairs-head", "负责人丙", Role.HEAD, "panyu-civil-affairs"),
        Account("panyu-health-head", "负责人丁", Role.HEAD, "panyu-health"),
        Account("panyu-education-head", "负责人戊", Role.HEAD, "panyu-education"),
        Account("reviewer", "审核人甲", Role.REVIEWER),
        Account("reviewer-2", "审核人丙", Role.REVIEWER),
        Account("publisher", "公开员甲", Role.PUBLISHER),
        Account("admin", "管理员甲", Role.SYSTEM),
        Account("security", "安全员甲", Role.SECURITY),
        Account("auditor", "审计员甲", Role.AUDITOR),
    ),
)
CAIDIAN = District(
    code="caidian",
    name="武汉市蔡甸区财政局",
    departments={
        "caidian-dpf": "武汉市蔡甸区残疾人联合会",
        "caidian-civil-affairs": "武汉市蔡甸区民政局",
        "caidian-health": "武汉市蔡甸区卫生健康局",
    },
    groups={"民生组": ("caidian-dpf", "caidian-civil-affairs"), "卫健组": ("caidian-health",)},
    accounts=(
        Account("caidian-dpf", "填报人甲", Role.FILER, "caidian-dpf"),
        Account("caidian-civil-affairs", "填报人乙", Role.FILER, "caidian-civil-affairs"),
        Account("caidian-health", "填报人丙", Role.FILER, "caidian-health"),
        Account("caidian-dpf-head", "负责人乙", Role.HEAD, "caidian-dpf"),
        Account("caidian-reviewer", "审核人乙", Role.REVIEWER),
        Account("caidian-reviewer-2", "审核人丁", Role.REVIEWER),
        Account("caidian-publisher", "公开员乙", Role.PUBLISHER),
        Account("caidian-admin", "管理员乙", Role.SYSTEM),
        Account("caidian-security", "安全员乙", Role.SECURITY),
        Account("caidian-auditor", "审计员乙", Role.AUDITOR),
    ),
)


def _of_one_department(code: str, name: str, department: str) -> District:
    """A district where only the disabled persons' federation files."""
    filer = f"{code}-dpf"
    return District(
        code=code,
        name=name,
        departments={filer: department},
        groups={"民生组": (filer,)},
        accounts=(
            Account(filer, "填报人甲", Role.FILER, filer),
            Account(f"{filer}-head", "负责人甲", Role.HEAD, filer),
            Account(f"{code}-reviewer", "审核人甲", Role.REVIEWER),
            Account(f"{code}-reviewer-2", "审核人乙", Role.REVIEWER),
            Account(f"{code}-publisher", "公开员甲", Role.PUBLISHER),
            Account(f"{code}-admin", "管理员甲", Role.SYSTEM),
            Account(f"{code}-security", "安全员甲", Role.SECURITY),
            Account(f"{code}-auditor", "审计员甲", Role.AUDITOR),
        ),
    )


LIWAN = _of_one_department("liwan", "广州市荔湾区财政局", "广州市荔湾区残疾人联合会(部门)")
HUADU = _of_one_department("huadu", "广州市花都区财政局", "广州市花都区残疾人联合会")
DISTRICTS = (PANYU, CAIDIAN, LIWAN, HUADU)
