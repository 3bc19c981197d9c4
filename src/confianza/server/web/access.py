"""Who may see a page: every view names an action of the permission table."""

from functools import wraps

from django.core.exceptions import PermissionDenied

from confianza.cooperation.permissions import permission_table


def permitted(action: str):
    """Let an account in when its role may take the action; 403 with the reason otherwise."""
    permission_table().actions[action]  # a name that is not in the table fails at import

    def decorate(view):
        @wraps(view)
        def wrapped(request, *args, **kwargs):
            if not request.user.may(action):
                raise PermissionDenied(action)
            return view(request, *args, **kwargs)

        wrapped.action = action
        return wrapped

    return decorate
