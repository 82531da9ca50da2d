"""Every command the phone's shell knows; what is not here does not exist on the phone."""

from engine.virtual_phone.shell.commands import activity, find, logs, package, system, text
from engine.virtual_phone.shell.commands import files as file_commands
from engine.virtual_phone.shell.context import Context, Program
from engine.virtual_phone.shell.dumpsys import dumpsys


def which(context: Context) -> int:
    """``which NAME...``."""
    code = 0
    for name in context.args:
        if name in PROGRAMS:
            context.say(f"/system/bin/{name}")
        else:
            code = 1
    return code


def cmd(context: Context) -> int:
    """``cmd SERVICE ARGS``: the services whose shell commands the phone has."""
    services: dict[str, Program] = {
        "package": package.pm,
        "activity": activity.am,
        "settings": system.settings,
        "window": system.wm,
        "input": activity.input_command,
        "battery": lambda inner: dumpsys(_shifted(inner, "battery")),
    }
    if not context.args:
        context.complain("cmd: no service specified; use -l to list all services")
        return 20
    name, *rest = context.args
    if name == "-l":
        context.say("Currently running services:")
        for service in sorted(services):
            context.say(f"  {service}")
        return 0
    if name not in services:
        context.complain(f"cmd: Can't find service: {name}")
        return 20
    context.args = rest
    return services[name](context)


def _shifted(context: Context, name: str) -> Context:
    context.args = [name, *context.args]
    return context


PROGRAMS: dict[str, Program] = {
    **file_commands.PROGRAMS,
    **find.PROGRAMS,
    **text.PROGRAMS,
    **system.PROGRAMS,
    **activity.PROGRAMS,
    **package.PROGRAMS,
    **logs.PROGRAMS,
    "dumpsys": dumpsys,
    "which": which,
    "cmd": cmd,
}
