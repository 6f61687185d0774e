"""Fixtures for all tests; makes Django stricter first."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from benchmarks.database import copy_of_database, using
from config.database_roles import grant
from config.embedded_postgres import APPLICATION
from declarations.management.demo.loading import load_demo
from declarations.models import Declaration, Department, Role, User
from tests import database, factories, strictness, working

strictness.require_of_in_select_for_update()
hypothesis_settings.register_profile(
    "any_machine",
    hypothesis_settings(),
    deadline=None,  # a machine that has other work is no mistake of ours
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("any_machine")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Databases are made by their owner; see `database` for whom the tests then act as."""
    owner = connections["owner"].settings_dict
    settings.DATABASES["default"]["USER"] = owner["USER"]
    settings.DATABASES["default"]["PASSWORD"] = owner["PASSWORD"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Every test acts with the rights of the application, on every connection."""
    with django_db_blocker.unblock():
        grant(connection, APPLICATION)
        connection.close()
    connection_created.connect(database.act_as_the_application)
    database.let_the_owner_empty_tables()


def pytest_configure(config: pytest.Config) -> None:
    keep_files_in_a_folder_of_our_own(config)
    settings.MIDDLEWARE = ["tests.strictness.ReadOnlyGets", *settings.MIDDLEWARE]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def keep_files_in_a_folder_of_our_own(config: pytest.Config) -> None:
    """Also those that processes keep which we start: they find the folder in the environment."""
    folder = tempfile.TemporaryDirectory(prefix="jixiao-files-", ignore_cleanup_errors=True)
    config.add_cleanup(folder.cleanup)
    settings.STORAGES["default"]["OPTIONS"]["location"] = folder.name
    os.environ["JIXIAO_STORAGE"] = folder.name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first: at the end one process would wait for the other."""
    items.sort(key=lambda item: "test_several_hosts" not in item.nodeid)


def pytest_make_parametrize_id(val: Any, argname: str) -> str | None:
    """Files are no names: packed a second later they differ, and processes must agree on them."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(autouse=True, scope="session")
def _undefined_variables_fail_in_our_templates(_fail_for_invalid_template_variable: None) -> None:
    options = settings.TEMPLATES[0]["OPTIONS"]
    options["string_if_invalid"] = strictness.UndefinedVariable(options["string_if_invalid"])


@pytest.fixture
def department(db: None) -> Department:
    return factories.DepartmentFactory.create(code="panyu-dpf", name="广州市番禺区残疾人联合会")


@pytest.fixture
def filer(department: Department) -> User:
    return factories.filer_of(department, username="filer", name="填报人甲")


@pytest.fixture
def colleague(department: Department) -> User:
    return factories.filer_of(department, username="colleague", name="填报人乙")


@pytest.fixture
def stranger(department: Department) -> User:
    """A filer of another department of the same bureau."""
    other = factories.DepartmentFactory.create(bureau=department.bureau)
    return factories.filer_of(other, username="stranger")


@pytest.fixture
def reviewer(department: Department) -> User:
    return factories.UserFactory.create(
        bureau=department.bureau, username="reviewer", name="审核人甲", role=Role.REVIEWER
    )


@pytest.fixture
def administrator(department: Department) -> User:
    return factories.UserFactory.create(
        bureau=department.bureau, username="administrator", role=Role.SYSTEM
    )


@pytest.fixture
def keeper(department: Department) -> User:
    """The security administrator of the bureau."""
    return factories.UserFactory.create(
        bureau=department.bureau, username="keeper", name="安全员甲", role=Role.SECURITY
    )


@pytest.fixture
def outsider(db: None) -> User:
    """A reviewer of another bureau."""
    return factories.UserFactory.create(username="outsider")


@pytest.fixture
def declaration(department: Department) -> Declaration:
    """A blank declaration on Panyu's form, open for filling in."""
    return factories.declaration_for(department)


@pytest.fixture(scope="session")
def demo_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[BaseDatabaseWrapper]:
    """A copy of the tests' database with the demo in it, which takes seconds to load."""
    with django_db_blocker.unblock(), ExitStack() as stack:
        connections.close_all()
        with database.as_the_owner():
            copy = stack.enter_context(copy_of_database("demo"))
            with copy.cursor() as cursor:  # a process keeps what it read of a template by its id
                cursor.execute("SELECT setval('declarations_formtemplate_id_seq', 1000000)")
            copy.close()
        with using(copy):
            assert load_demo()
        yield copy
        with database.as_the_owner():
            stack.close()


@pytest.fixture
def demo(db: None, demo_database: BaseDatabaseWrapper) -> Iterator[None]:
    """The test sees the demo, and nothing of other fixtures; what it does there is undone."""
    with using(demo_database), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def as_user(client: Any) -> Any:
    """Logs the test client in as somebody."""

    def log_in(user: User) -> Any:
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def backup_folder(tmp_path: Path) -> Path:
    """Where a test may keep backups; not there yet."""
    return tmp_path / "backups"


@pytest.fixture
def queue(transactional_db: None) -> Iterator[None]:
    """The queue, empty before and after; `tests.working.work` runs what is in it."""
    working.empty_queue()
    yield
    working.empty_queue()
