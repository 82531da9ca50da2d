import contextlib
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.virtual_phone.shell.commands import PROGRAMS
from engine.virtual_phone.shell.context import Interrupted
from engine.virtual_phone.shell.parser import BadSyntax, parse
from engine.virtual_phone.shell.shell import Shell


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("echo a  b", "a b\n"),
        ("echo 'a  b' \"c  d\" e\\ f", "a  b c  d e f\n"),
        ("echo a; echo b", "a\nb\n"),
        ("false && echo no; true && echo yes", "yes\n"),
        ("false || echo yes; true || echo no", "yes\n"),
        ("! false && echo yes", "yes\n"),
        ("X=1; echo $X${X} '$X' \"$X\"", "11 $X 1\n"),
        ("echo ${NONE:-default}", "default\n"),
        ("(exit 5); echo $?", "5\n"),
        ("echo $(echo in; echo side)", "in side\n"),
        ("echo `getprop ro.build.version.sdk`", "34\n"),
        ('for i in 1 2 "3 4"; do echo "<$i>"; done', "<1>\n<2>\n<3 4>\n"),
        ("if [ 1 -eq 2 ]; then echo a; elif [ -d /sdcard ]; then echo b; else echo c; fi", "b\n"),
        ("until [ -f /sdcard/x ]; do touch /sdcard/x; echo once; done", "once\n"),
        ("(cd /sdcard; pwd); pwd", "/storage/emulated/0\n/\n"),
        ("echo hidden >/dev/null 2>&1; echo shown # a comment", "shown\n"),
        ("echo err >&2 2>/dev/null", ""),
        ("echo one > /sdcard/f; echo two >> /sdcard/f; cat < /sdcard/f", "one\ntwo\n"),
        ("printf 'b\\na\\n' | sort | head -1", "a\n"),
        ("getprop | grep -c ro.product.model", "1\n"),
        ("echo /sys/class/thermal/thermal_zone*/type", "/sys/class/thermal/thermal_zone0/type\n"),
        ("echo /no/such*", "/no/such*\n"),
        ("echo '*'", "*\n"),
        ("CLASSPATH=x env | grep CLASSPATH; echo $CLASSPATH", "CLASSPATH=x\n\n"),
        ("echo a | wc -c; echo -n a | wc -c", "2\n1\n"),
        ("exec echo a; echo never", "a\n"),
        ("printf 'a\\nb\\nc\\n' | tail -n -2", "b\nc\n"),
        ("printf 'a\\nb\\nc\\n' | tail -n +2", "b\nc\n"),
        ("touch /sdcard/f; chmod q+x /sdcard/f 2>&1", "chmod: bad mode 'q+x'\n"),
        (
            "find /data/local -name 'x*' -type f; touch /data/local/tmp/xy; find /data -name 'x*'",
            "/data/local/tmp/xy\n",
        ),
        (
            "find /data -maxdepth 1 -type d | head -1; find -bad 2>&1",
            "/data\nfind: bad arg '-bad'\n",
        ),
        ("find /data/data 2>&1", "/data/data\nfind: /data/data: Permission denied\n"),
        ("head -n many /proc/version 2>&1", "head: not integer: many\n"),
    ],
)
def test_a_line_means_what_it_means_to_sh(sh, line, out):
    assert sh(line)[1] == out


def test_the_exit_code_is_the_last_commands(sh):
    assert sh("true; exit 9; echo no")[0] == 9
    assert sh("false")[0] == 1


def test_an_unknown_command_is_not_found(sh):
    code, out, err = sh("bash -c id")
    assert (code, out) == (127, "")
    assert err == "/system/bin/sh: bash: inaccessible or not found\n"


@pytest.mark.parametrize("line", ["echo 'a", "a &&", "(echo", "if true; then", "echo >", ")", "$("])
def test_bad_syntax_is_said_and_exits_with_two(sh, line):
    code, _, err = sh(line)
    assert code == 2
    assert err.startswith("/system/bin/sh: ")


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/../etc/passwd", "../../../etc/hostname", "/root"]
)
def test_no_path_leads_to_the_host(sh, path):
    code, out, err = sh(f"cat {path}; ls {path}")
    assert (code, out) == (1, "")
    assert "No such file" in err


@pytest.mark.parametrize(
    "line", ["echo x > /system/x", "rm -r /system", "mkdir /data/x", "mv /sdcard /sdcard2"]
)
def test_the_shell_user_may_not_change_the_system(sh, line):
    code, _, err = sh(line)
    assert code == 1
    assert "Permission denied" in err


def test_files_are_made_moved_and_removed(sh):
    assert sh("mkdir -p /sdcard/a/b && echo hi > /sdcard/a/b/c && mv /sdcard/a/b /sdcard/d")[0] == 0
    assert sh("cp /sdcard/d/c /data/local/tmp; cat /data/local/tmp/c")[1] == "hi\n"
    assert sh("rm /sdcard/d")[0] == 1
    assert sh("rm -rf /sdcard/d /sdcard/none && ls /sdcard/d")[0] == 1
    assert sh("chmod 700 /data/local/tmp/c; stat -c %a /data/local/tmp/c")[1] == "700\n"


def test_a_cut_pipeline_ends_its_endless_writer(sh):
    assert sh("while true; do echo y; done | head -3") == (0, "y\ny\ny\n", "")


def test_a_closed_stream_ends_a_loop(handset):
    stopped = threading.Event()
    shell = Shell(handset, PROGRAMS, stopped)
    thread_ended = threading.Event()

    def run():
        with pytest.raises(Interrupted):
            shell.run("while true; do sleep 100; done", lambda _: b"", lambda _: None, print)
        thread_ended.set()

    thread = threading.Thread(target=run)
    thread.start()
    stopped.set()
    thread.join(10)
    assert thread_ended.is_set()


@given(st.text(alphabet="ab $(){}'\"`\\|&;<>\n=!#*?12-/", max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_parsed_or_refused(text):
    with contextlib.suppress(BadSyntax):
        assert parse(text) is not None


WAITING = {"app_process", "logcat", "monkey", "sleep"}
ODD_WORDS = (
    *("", "-", "--", "-1", "+2", "²", "nan", "9" * 30, "x", "[", "*", "/", "/proc/version"),
    *("/data/local/tmp/a", "-n", "-c", "-l", "-rf", "-k2", "-d:", "-f1", "q+x", "%Y", "+%s", "-S"),
    *("install", "path", "list", "packages", "start", "-W", "tap", "swipe", "keyevent", "set"),
    *("level", "battery", "package", "get", "put", "system"),
)


@given(
    name=st.sampled_from(sorted(set(PROGRAMS) - WAITING)),
    words=st.lists(st.sampled_from(ODD_WORDS), max_size=5),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=500)
def test_a_command_takes_any_words_without_a_crash(handset, name, words):
    shell = Shell(handset, PROGRAMS, threading.Event())
    with contextlib.suppress(OSError):
        code = shell.run_words([name, *words], lambda _: b"", lambda _: None, lambda _: None)
        assert 0 <= code <= 255


def test_settings_properties_and_log_answer_like_android(sh, handset):
    assert sh("settings get global nothing")[1] == "null\n"
    assert sh("settings put global a b; settings get global a")[1] == "b\n"
    assert sh("svc power stayon usb; settings get global stay_on_while_plugged_in")[1] == "2\n"
    assert sh("setprop ro.product.model x")[0] == 1
    assert sh("setprop debug.x y && getprop debug.x")[1] == "y\n"
    assert sh("getprop ro.mobilenetlab.note")[1] == "virtual phone: this computer's speed\n"
    handset.log.write("W", "tag", "two\nlines", pid=42)
    assert sh("logcat -d -v brief --pid=42 | tail -n 1")[1] == "W/tag(   42): lines\n"
    assert sh("logcat -d -s tag:E")[1].count("tag") == 0


def test_what_is_not_installed_cannot_start(sh):
    code, _, err = sh("am start -n org.example.app/.MainActivity")
    assert code == 1
    assert "Activity class {org.example.app/org.example.app.MainActivity} does not exist." in err


def test_a_started_package_has_a_pid_until_it_is_stopped(sh):
    out = sh("am start -W -n com.android.settings/.MainActivity")[1]
    assert "Status: ok" in out
    pid = sh("pidof com.android.settings")[1].strip()
    assert f" {pid} " in sh("ps -A | grep com.android.settings")[1]
    sh("am force-stop com.android.settings")
    assert sh("pidof com.android.settings")[0] == 1


def test_the_scrcpy_server_needs_its_jar(sh):
    line = (
        "CLASSPATH=/data/local/tmp/scrcpy-server.jar app_process / com.genymobile.scrcpy.Server 3"
    )
    code, _, err = sh(line)
    assert code == 134
    assert "ClassNotFoundException" in err


def test_settings_are_put_listed_and_deleted(sh):
    assert sh("settings --user 0 put global a 'b c'") == (0, "", "")
    assert sh("settings get global a")[1] == "b c\n"
    assert "a=b c\n" in sh("settings list global")[1]
    assert sh("settings delete global a")[1] == "Deleted 1 rows\n"
    assert sh("settings get global a")[1] == "null\n"
    assert sh("settings get nowhere a")[0] == 255


def test_caches_are_trimmed_until_so_much_is_free(sh, handset):
    handset.storage.leave(1_000_000, caches_bytes=3_000_000)
    assert sh("pm trim-caches 2M")[0] == 0
    assert handset.storage.free_bytes == 2 << 20
    assert "App Cache Size: " in sh("dumpsys diskstats")[1]
    assert sh("pm trim-caches")[0] == 1
    assert sh("pm trim-caches many")[0] == 1


def test_df_tells_what_files_take(sh, handset):
    def free_kb():
        return int(sh("df -k /data | tail -1")[1].split()[3])

    before = free_kb()
    handset.files.write("/data/local/tmp/big", bytes(5 << 20))
    assert before - free_kb() == 5 << 10
