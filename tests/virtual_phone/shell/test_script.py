"""``sh`` that runs what it is sent, line by line, and says what CPU time it took."""

import contextlib
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.virtual_phone.adb.shell_service import serve_exec, serve_shell
from engine.virtual_phone.shell.arithmetic import evaluate
from engine.virtual_phone.shell.commands import PROGRAMS
from engine.virtual_phone.shell.parser import BadSyntax
from engine.virtual_phone.shell.shell import Shell
from engine.virtual_phone.streams import stream_pair
from engine.virtual_phone.system.processes import Processes


@pytest.fixture
def serve(handset):
    """``serve(how)`` is the computer's end of a shell that the phone runs meanwhile."""
    threads = []
    ends = []

    def start(how, *options):
        ours, theirs = stream_pair()
        ours.settimeout(10)

        def work():
            with theirs, contextlib.suppress(OSError):
                if how == "exec:sh":
                    serve_exec(handset, theirs, "sh")
                else:
                    serve_shell(handset, theirs, "sh" if how == "shell:sh" else "", list(options))

        ends.append(ours)
        threads.append(threading.Thread(target=work, daemon=True))
        threads[-1].start()
        return ours

    yield start
    for end in ends:
        end.close()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


LOOP = b"""i=0
while true; do
    i=$((i+1))
    [ $i = 2 ] && continue  # not this one
    [ $i = 4 ] && break
    echo $i
done
"""


def until(stream, mark):
    said = b""
    while not said.endswith(mark):
        part = stream.read(4096)
        assert part, said
        said += part
    return said.decode()


def test_one_shell_runs_each_line_as_it_comes(serve, handset):
    stream = serve("exec:sh")
    line = (
        b"cat /sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq; echo @; "
        b"dumpsys battery; cat /proc/$$/stat; echo END\n"
    )
    pids = set()
    for percent in (82, 40):
        handset.battery.percent = percent
        stream.write(line)
        clocks, _, rest = until(stream, b"END\n").partition("@\n")
        assert all(int(clock) > 0 for clock in clocks.split())
        assert f"level: {percent}" in rest
        fields = rest.splitlines()[-2].split()
        assert len(fields) == 52
        assert fields[1] == "(sh)"
        pids.add(fields[0])
    assert len(pids) == 1


def test_a_framed_shell_ends_with_its_input_and_tells_its_code(serve):
    stream = serve("shell:sh", b"v2", b"raw")
    for packet_id, data in ((0, b"echo hi\nfalse\n"), (3, b"")):
        stream.write(bytes([packet_id]) + len(data).to_bytes(4, "little") + data)
    stream.write(b"\4\0\0\0\0")  # the end of standard input
    assert until(stream, b"\3\1\0\0\0\1") == "\1\3\0\0\0hi\n\3\1\0\0\0\1"


def test_without_a_terminal_a_shell_shows_no_prompt(serve):
    stream = serve("shell:", b"raw")
    stream.write(b"echo one\nexit\n")
    assert until(stream, b"one\n") == "one\n"
    assert stream.read(9) == b""


@pytest.mark.parametrize(
    ("script", "out"),
    [
        (b"for i in 1 2\ndo\n echo $i\ndone\n", "1\n2\n"),
        (b"if true\nthen echo a\nfi; echo 'b\nc'\n", "a\nb\nc\n"),
        (b"read a b\none two three\necho $b\n", "two three\n"),
        (b"echo a\\\n b\necho no newline", "a b\nno newline\n"),
        (b"cd /sdcard\nX=3\npwd; echo $((X * 2 - 7 % 4))\n", "/storage/emulated/0\n3\n"),
        (LOOP, "1\n3\n"),
        (b"for i in 1 2; do for j in 1 2; do break 2; done; done; echo $i$j\n", "11\n"),
        (b"while read l; do echo \"<$l>\"; done < /sys/class/power_supply/battery/status\n",
         "<Charging>\n"),
        (b"printf 'a b\\nc d\\n' | while read x y; do echo $y; done\n", "b\nd\n"),
        (b"{ X=1; }; (X=2); echo $X\n", "1\n"),
        (b"sh -c 'echo $((1))'; echo 'echo deep' | sh\n", "1\ndeep\n"),
        (b"cat /no/such 2>/dev/null || echo missing\n", "missing\n"),
        (b"test $$ = $(echo $$) && echo same\n", "same\n"),
        (b"[ $(cut -d' ' -f1 /proc/self/stat) = $$ ] && echo me\n", "me\n"),
        (b"break; echo on\n", "on\n"),
        (b"exit 3\necho never\n", ""),
    ],
)  # fmt: skip
def test_a_script_means_what_it_means_to_sh(sh, script, out):
    assert sh("sh", script)[1:] == (out, "")


def test_a_script_file_runs(sh):
    assert sh("echo 'echo from a file' > /sdcard/s; sh /sdcard/s")[:2] == (0, "from a file\n")
    assert sh("sh /sdcard/none")[0] == 127


@pytest.mark.parametrize("script", [b"echo 'a\n", b"while true\n", b"echo $((1/0))\n", b"a &&"])
def test_what_a_script_does_not_finish_is_said(sh, script):
    code, _, err = sh("sh", script)
    assert code == 2
    assert err.startswith("/system/bin/sh: ")


def test_a_shell_is_a_process_only_while_it_runs(sh, handset):
    pid, *listed, there = sh("echo $$; ps -A; [ -e /proc/$$/stat ] && echo there")[1].splitlines()
    assert there == "there"
    assert [line.split() for line in listed if line.endswith(" sh")] == [["shell", pid, "1", "sh"]]
    assert not handset.files.exists(f"/proc/{pid}")
    assert handset.processes.shells() == ()


def burn(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_ticks_are_the_cpu_time_that_was_spent(handset):
    shell = Processes().make_shell(7.0)
    with shell.running():
        burn(0.05)
        with shell.command():
            burn(0.1)
        stages = threading.Thread(target=burn_in, args=(shell, 0.05))
        stages.start()
        stages.join()
        before = shell.stat().split()
        time.sleep(0.03)  # waiting is no work
        after = shell.stat().split()
    assert before[13:17] == after[13:17]
    own, system, commands, commands_system = map(int, after[13:17])
    assert 4 <= own <= 8
    assert 14 <= commands <= 18
    assert (system, commands_system) == (0, 0)
    assert after[21] == "700"
    assert shell.stat().split()[13:17] == after[13:17]  # told on after its end


def burn_in(shell, seconds):
    with shell.command():
        burn(seconds)


def test_cpu_time_shows_to_the_shell_itself(handset):
    def work(_context):
        burn(0.05)
        return 0

    shell, out = Shell(handset, PROGRAMS | {"work": work}, threading.Event()), bytearray()
    begun = time.thread_time()
    shell.run("work; work; cat /proc/$$/stat", lambda _: b"", out.extend, out.extend)
    told = sum(map(int, out.split()[13:17]))
    assert 10 <= told <= (time.thread_time() - begun) * 100


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", 0),
        ("1 + 2 * 3", 7),
        ("(1+2)*3", 9),
        ("-7 / 2", -3),
        ("-7 % 2", -1),
        ("x + $x", 8),
        ("none", 0),
        ("3 > 2 && !0 || 0", 1),
        ("9223372036854775807 + 1", -(1 << 63)),
    ],
)
def test_arithmetic_is_that_of_c(text, value):
    assert evaluate(text, {"x": "4"}) == value


@given(st.text(alphabet="0123456789x+-*/%()<>=!&|$ ", max_size=30))
def test_any_arithmetic_is_reckoned_or_refused(text):
    with contextlib.suppress(BadSyntax):
        assert -(1 << 63) <= evaluate(text, {"x": "4"}) < 1 << 63
