import pytest

from confianza.cooperation.actors import OPERATOR, Actor
from confianza.cooperation.permissions import permission_table
from confianza.errors import PermissionRefusal

TABLE = permission_table()


@pytest.mark.parametrize("action", TABLE.actions)
@pytest.mark.parametrize("role", TABLE.roles)
def test_requiring_an_action_agrees_with_the_table(role, action):
    if TABLE.may(role, action):
        TABLE.require(Actor("somebody", role), action)
    else:
        with pytest.raises(PermissionRefusal) as refused:
            TABLE.require(Actor("somebody", role), action)
        assert TABLE.actions[action].text.es in refused.value.in_language("es")


def test_nobody_signed_in_may_nothing():
    assert not any(TABLE.may(None, action) for action in TABLE.actions)


def test_only_known_roles_and_offices_are_granted_anything():
    assert all(action.roles <= set(TABLE.roles) for action in TABLE.actions.values())
    assert all(role.acts_for <= set(TABLE.offices) for role in TABLE.roles.values())


def test_every_office_has_somebody_who_acts_for_it():
    assert set(TABLE.offices) == set().union(*(role.acts_for for role in TABLE.roles.values()))


def test_the_partner_liaison_sees_neither_the_index_nor_the_plan_nor_unshared_cases():
    hidden = {"view_trust", "view_plan", "view_every_case", "record_step", "open_case", "share_case"}
    assert not any(TABLE.may("partner_liaison", action) for action in hidden)


@pytest.mark.parametrize("role", TABLE.roles)
def test_an_actor_acts_for_the_offices_of_the_role_in_what_the_role_may_do(role):
    actor = Actor("somebody", role)
    for action in TABLE.actions:
        offices = TABLE.roles[role].acts_for if TABLE.may(role, action) else frozenset()
        assert (actor.may(action), actor.offices_for(action)) == (TABLE.may(role, action), offices)


def test_the_operator_of_a_workspace_sees_what_every_office_sees_and_takes_no_step():
    assert {action for action in TABLE.actions if OPERATOR.may(action)} == {
        action for action in TABLE.actions if action.startswith("view_")
    }
    assert OPERATOR.offices_for("record_step") == set(TABLE.offices)
    with pytest.raises(PermissionRefusal):
        TABLE.require(OPERATOR, "record_step")
