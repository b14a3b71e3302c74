"""Sign-in, passwords and accounts as they are typed."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import Form, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from registry.accounts.catalogue import DEPARTMENT, LOGIN, NAME
from registry.accounts.models import Account, AccountState
from registry.accounts.queries import NO_ROLE, AccountFilter
from registry.accounts.services import AccountDraft
from registry.audit.forms import ANYTHING, folded
from registry.forms import BaseForm, VersionedForm, field_for
from registry.permissions import Role
from registry.regions.models import Region

TOO_LONG = "内容过长，请核对"


class SignInForm(BaseForm):
    """登录. One message for everything that is wrong, so a stranger learns nothing."""

    login = StringField(
        "登录名",
        validators=[InputRequired("请填写登录名"), Length(max=100, message=TOO_LONG)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        "密码",
        validators=[InputRequired("请填写密码"), Length(max=1000, message=TOO_LONG)],
        render_kw={"autocomplete": "current-password"},
    )


class PasswordForm(BaseForm):
    """修改密码."""

    current_password = PasswordField(
        "当前密码",
        validators=[InputRequired("请填写当前密码"), Length(max=1000, message=TOO_LONG)],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = PasswordField(
        "新密码",
        validators=[InputRequired("请填写新密码"), Length(max=1000, message=TOO_LONG)],
        render_kw={"autocomplete": "new-password"},
    )
    repeated = PasswordField(
        "再输一次新密码",
        validators=[
            InputRequired("请再输一次新密码"),
            EqualTo("new_password", message="两次输入的新密码不一样，请重新输入"),
        ],
        render_kw={"autocomplete": "new-password"},
    )


class AccountForm(VersionedForm):
    """新建或修改账号."""

    login = field_for(LOGIN)
    name = field_for(NAME)
    department = field_for(DEPARTMENT)
    # Whether the region may be chosen is for the service to say, in words of ours.
    region_code = SelectField(
        "所属地区", validators=[InputRequired("请选择所属地区")], validate_choice=False
    )

    def offer_regions(self, regions: Sequence[Region]) -> None:
        self.region_code.choices = {"": "请选择"} | region_choices(regions)

    def draft(self) -> AccountDraft:
        return AccountDraft(
            login=str(self.login.data or "") if "login" in self else "",
            name=str(self.name.data or ""),
            department=str(self.department.data or ""),
            region_code=str(self.region_code.data or ""),
        )


class GrantForm(VersionedForm):
    """授权: one role, or none."""

    role = RadioField("角色", validators=[InputRequired("请选择角色")], validate_choice=False)

    def validate_role(self, field: RadioField) -> None:
        if field.data not in set(Role) | {NO_ROLE}:
            raise ValidationError("请从列表中选择角色")

    def offer_roles(self, account: Account) -> None:
        """Business roles carry the level of the account's region in their name."""
        level = account.level.label
        choices = {
            role.value: role.label if role.is_admin else f"{level}{role.label}" for role in Role
        }
        if account.role is not None:
            choices[NO_ROLE] = "收回授权，暂停使用"
        self.role.choices = choices

    def chosen(self) -> Role | None:
        return None if self.role.data == NO_ROLE else Role(str(self.role.data))


class AccountFilterForm(Form):
    """The query bar over the lists of accounts; read from the address, so without a token."""

    q = StringField("登录名、姓名或部门")
    region = SelectField("所属地区", validate_choice=False)
    role = SelectField(
        "角色",
        choices=ANYTHING | {NO_ROLE: "待授权"} | {role.value: role.label for role in Role},
        validate_choice=False,
    )
    state = SelectField(
        "状态",
        choices=ANYTHING | {state.value: state.label for state in AccountState},
        validate_choice=False,
    )

    def offer_regions(self, regions: Sequence[Region]) -> None:
        self.region.choices = ANYTHING | region_choices(regions)

    def filter(self) -> AccountFilter:
        return AccountFilter(
            text=folded(self.q.data),
            region_code=folded(self.region.data),
            role=folded(self.role.data),
            state=folded(self.state.data),
        )


def region_choices(regions: Sequence[Region]) -> dict[str, str]:
    """Code and name of each region, counties set in under their city."""
    top = min((region.level for region in regions), default=0)
    return {region.code: "　" * (region.level - top) + region.name for region in regions}
