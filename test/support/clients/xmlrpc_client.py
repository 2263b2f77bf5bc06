# xmlrpc_client.py URL: what a client on Python's own xmlrpc.client relies on, against the daemon at http://… (through
# ServerProxy's own transport) or unix://… (through supervisor.xmlrpc.SupervisorTransport, as supervisorctl does).
# The daemon runs the configuration of test/compat/clients/xmlrpc-client.test.ts.
import http.client
import os
import signal
import sys
import threading
import time
import xmlrpc.client

from supervisor.xmlrpc import SupervisorTransport

from checks import check, run_checks, same

url = sys.argv[1]


def connect():
    if url.startswith("unix://"):
        return xmlrpc.client.ServerProxy("http://127.0.0.1", SupervisorTransport(None, None, url))
    return xmlrpc.client.ServerProxy(url)


def fault(call):
    """The fault's code and text; anything else is an error of the check."""
    try:
        value = call()
    except xmlrpc.client.Fault as error:
        assert type(error.faultCode) is int and type(error.faultString) is str, repr(error)
        return (error.faultCode, error.faultString)
    raise AssertionError("no fault but %r" % (value,))


def until(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain for %s" % what
        time.sleep(0.05)


server = connect()
api = server.supervisor
methods = """
    addProcessGroup clearAllProcessLogs clearLog clearProcessLog clearProcessLogs getAPIVersion getAllConfigInfo
    getAllProcessInfo getIdentification getPID getProcessInfo getState getSupervisorVersion getVersion readLog readMainLog
    readProcessLog readProcessStderrLog readProcessStdoutLog reloadConfig removeProcessGroup restart sendProcessStdin
    sendRemoteCommEvent shutdown signalAllProcesses signalProcess signalProcessGroup startAllProcesses startProcess
    startProcessGroup stopAllProcesses stopProcess stopProcessGroup tailProcessLog tailProcessStderrLog
    tailProcessStdoutLog
""".split()


@check("lists every method that supervisord has, and explains each")
def _():
    known = server.system.listMethods()
    wanted = ["supervisor." + name for name in methods]
    wanted += ["system." + name for name in ("listMethods", "methodHelp", "methodSignature", "multicall")]
    assert len(wanted) == 41
    assert [name for name in known if not name.startswith("corevisor.")] == sorted(wanted), known
    for name in wanted:
        assert type(server.system.methodHelp(name)) is str
        signature = server.system.methodSignature(name)
        assert type(signature) is list and all(type(word) is str for word in signature), signature
    same(server.system.methodSignature("supervisor.startProcess"), ["boolean", "string", "boolean"])
    same(fault(lambda: server.system.methodSignature("nope")), (4, "SIGNATURE_UNSUPPORTED"))
    same(fault(lambda: server.system.methodHelp("nope")), (4, "SIGNATURE_UNSUPPORTED"))


@check("says who the daemon is")
def _():
    same(api.getAPIVersion(), "3.0")
    same(api.getVersion(), "3.0")
    same(api.getSupervisorVersion(), "4.2.5")
    same(api.getIdentification(), "wörk & <play>")
    same(api.getState(), {"statecode": 1, "statename": "RUNNING"})
    assert type(api.getPID()) is int and api.getPID() > 0


infoTypes = {
    "name": str, "group": str, "description": str, "start": int, "stop": int, "now": int, "state": int,
    "statename": str, "spawnerr": str, "exitstatus": int, "logfile": str, "stdout_logfile": str,
    "stderr_logfile": str, "pid": int,
}  # fmt: skip


@check("describes processes with the fields and types of supervisord")
def _():
    info = api.getProcessInfo("talks")
    same({name: type(value) for name, value in info.items()}, infoTypes)
    same((info["name"], info["group"], info["state"], info["statename"]), ("talks", "talks", 20, "RUNNING"))
    assert info["description"].startswith("pid %d, uptime 0:0" % info["pid"]), info
    assert abs(info["now"] - time.time()) < 60 and 0 < info["start"] <= info["now"] and info["stop"] == 0, info
    same(info["logfile"], info["stdout_logfile"])
    every = api.getAllProcessInfo()
    same([name for name in ((one["group"], one["name"]) for one in every)], [
        ("echo", "echo"), ("fails", "fails"), ("lost", "lost"), ("pair", "left"), ("pair", "right"),
        ("plain", "plain"), ("quick", "quick"), ("slow", "slow"), ("stubborn", "stubborn"), ("talks", "talks"),
        ("wörker", "wörker"),
    ])  # fmt: skip
    for one in every:
        same({name: type(value) for name, value in one.items()}, infoTypes)
    same(fault(lambda: api.getProcessInfo("nobody")), (10, "BAD_NAME: nobody"))
    same(fault(lambda: api.getProcessInfo("pair:*")), (10, "BAD_NAME: pair:*"))


@check("tells the configuration with the fields and types of supervisord")
def _():
    every = api.getAllConfigInfo()
    talks = [one for one in every if one["name"] == "talks"][0]
    for name in "autostart inuse killasgroup redirect_stderr stdout_events_enabled stderr_events_enabled stdout_syslog stderr_syslog".split():
        assert type(talks[name]) is bool, (name, talks[name])
    for name in "group_prio process_prio startretries startsecs stopsignal stopwaitsecs stdout_capture_maxbytes stderr_capture_maxbytes stdout_logfile_backups stderr_logfile_backups stdout_logfile_maxbytes stderr_logfile_maxbytes".split():
        assert type(talks[name]) is int, (name, talks[name])
    for name in "command directory group name serverurl stdout_logfile stderr_logfile uid".split():
        assert type(talks[name]) is str, (name, talks[name])
    same(talks["exitcodes"], [0, 2])
    same((talks["stopsignal"], talks["directory"], talks["uid"]), (2, "none", "none"))
    same([one["name"] for one in every], sorted(one["name"] for one in every))


def start_stubborn(api=api):
    """Starts the process that only KILL ends, and waits until it is so; answers its pid."""
    size = api.tailProcessStdoutLog("stubborn", 0, 0)[1]
    if api.getProcessInfo("stubborn")["pid"] == 0:
        same(api.startProcess("stubborn", False), True)
        until(lambda: api.tailProcessStdoutLog("stubborn", 0, 0)[1] > size, "its trap")
    return api.getProcessInfo("stubborn")["pid"]


def state_of(name):
    return api.getProcessInfo(name)["statename"]


@check("names processes and groups in every script")
def _():
    same(api.getProcessInfo("wörker")["name"], "wörker")
    same(fault(lambda: api.stopProcess("wörker")), (70, "NOT_RUNNING: wörker"))
    same(fault(lambda: api.getProcessInfo("né:世界")), (10, "BAD_NAME: né:世界"))
    # Out of the way: supervisord cuts answers that took their time short when they are not all ASCII.
    same(api.removeProcessGroup("wörker"), True)


@check("starts and stops with wait, and answers True only when it is done")
def _():
    same(api.startProcess("slow"), True)
    same(api.getProcessInfo("slow")["statename"], "RUNNING")
    same(fault(lambda: api.startProcess("slow")), (60, "ALREADY_STARTED: slow"))
    same(api.stopProcess("slow"), True)
    info = api.getProcessInfo("slow")
    same((info["statename"], info["pid"], info["exitstatus"]), ("STOPPED", 0, -1))
    same(fault(lambda: api.stopProcess("slow")), (70, "NOT_RUNNING: slow"))


@check("starts and stops without wait at once")
def _():
    start_stubborn()
    same(state_of("stubborn"), "STARTING")
    same(api.stopProcess("stubborn", False), True)
    same(state_of("stubborn"), "STOPPING")
    same(fault(lambda: api.stopProcess("stubborn", False)), (70, "NOT_RUNNING: stubborn"))
    same(api.signalProcess("stubborn", "KILL"), True)
    until(lambda: state_of("stubborn") == "STOPPED", "its end")
    same(api.getProcessInfo("stubborn")["exitstatus"], -1)


@check("raises the faults of what cannot be started")
def _():
    same(fault(lambda: api.startProcess("lost")), (20, "NO_FILE: can't find command '/nowhere/at/all'"))
    code, text = fault(lambda: api.startProcess("plain"))
    assert code == 21 and text.startswith("NOT_EXECUTABLE: command at '") and text.endswith("' is not executable"), text
    same(fault(lambda: api.startProcess("fails")), (50, "SPAWN_ERROR: fails"))
    same(fault(lambda: api.startProcess("nobody")), (10, "BAD_NAME: nobody"))
    same(fault(lambda: api.startProcessGroup("nobody")), (10, "BAD_NAME: nobody"))


@check("starts, signals and stops groups and everything, and answers a list of structs")
def _():
    member = lambda name, group: {"name": name, "group": group, "status": 80, "description": "OK"}
    pair = [member("left", "pair"), member("right", "pair")]
    ordered = lambda answer: sorted(answer, key=lambda one: one["name"])
    same(ordered(api.startProcessGroup("pair")), pair)
    same(api.startProcessGroup("pair"), [])
    same(ordered(api.signalProcessGroup("pair", "CONT")), pair)
    same(api.signalProcess("pair:left", 18), True)
    same(fault(lambda: api.signalProcess("pair:left", "NOPE")), (11, "BAD_SIGNAL: NOPE"))
    same(fault(lambda: api.signalProcess("slow", "CONT")), (70, "NOT_RUNNING: slow"))
    same(ordered(api.stopProcessGroup("pair")), pair)
    same(ordered(api.startProcess("pair:*")), pair)
    same(ordered(api.stopProcess("pair:*", True)), pair)
    signalled = api.signalAllProcesses("CONT")
    same(ordered(signalled), [member("echo", "echo"), member("talks", "talks")])
    same(ordered(api.stopAllProcesses()), [member("echo", "echo"), member("talks", "talks")])
    same(api.startProcess("stubborn", False), True)
    started = {one["name"]: one["status"] for one in api.startAllProcesses()}
    same(started, {
        "echo": 80, "fails": 50, "left": 80, "lost": 20, "plain": 21, "quick": 80, "right": 80, "slow": 80,
        "talks": 80,
    })  # fmt: skip


@check("writes to stdin and reads it back, in every script")
def _():
    text = "grüße, 世界 🎉 <&> \"quoted\"\ttab\n"
    before = api.tailProcessStdoutLog("echo", 0, 0)[1]
    same(api.sendProcessStdin("echo", text), True)
    until(lambda: api.tailProcessStdoutLog("echo", before, 1000)[0] == text, "the echo")
    same(api.readProcessStdoutLog("echo", before, 0), text)
    same(fault(lambda: api.sendProcessStdin("echo", 5)), (2, "INCORRECT_PARAMETERS: 5"))
    same(fault(lambda: api.sendProcessStdin("lost", "x")), (70, "NOT_RUNNING: lost"))


@check("reads and tails the logs of processes")
def _():
    until(lambda: api.readProcessStderrLog("talks", -10, 0) == "error 100\n", "all that it says")
    size = api.tailProcessStdoutLog("talks", 0, 0)[1]
    same(api.readProcessStdoutLog("talks", 0, 7), "word 1\n")
    same(api.readProcessLog("talks", -9, 0), "word 100\n")
    same(api.readProcessStderrLog("talks", 0, 8), "error 1\n")
    same(api.readProcessStdoutLog("talks", size, 10), "")
    same(fault(lambda: api.readProcessStdoutLog("talks", 0, -1)), (3, "BAD_ARGUMENTS"))
    same(api.tailProcessLog("talks", 0, 9), ["word 100\n", size, True])
    same(api.tailProcessStdoutLog("talks", size, 9), ["", size, False])
    same(api.tailProcessStdoutLog("talks", size - 4, 4), ["100\n", size, False])
    same(api.tailProcessStderrLog("talks", 0, 10)[0], "error 100\n")
    same(api.tailProcessStderrLog("slow", 0, 10), ["", 0, False])
    same(fault(lambda: api.readProcessStderrLog("slow", 0, 10)), (20, "NO_FILE"))


@check("empties the logs of processes")
def _():
    same(api.clearProcessLogs("talks"), True)
    same(api.readProcessStdoutLog("talks", 0, 0), "")
    same(api.clearProcessLog("talks"), True)
    cleared = api.clearAllProcessLogs()
    assert {"name": "talks", "group": "talks", "status": 80, "description": "OK"} in cleared, cleared
    same(fault(lambda: api.clearProcessLogs("nobody")), (10, "BAD_NAME: nobody"))


@check("reads and empties the daemon's own log")
def _():
    assert "supervisord started with pid %d" % api.getPID() in api.readLog(0, 0)
    same(api.readMainLog(-1, 0), "\n")
    same(api.clearLog(), True)
    assert "supervisord started" not in api.readLog(0, 0)


@check("rereads, adds and removes groups")
def _():
    same(api.reloadConfig(), [[["wörker"], [], []]])
    same(fault(lambda: api.addProcessGroup("quick")), (90, "ALREADY_ADDED: quick"))
    same(fault(lambda: api.addProcessGroup("nobody")), (10, "BAD_NAME: nobody"))
    same(fault(lambda: api.removeProcessGroup("talks")), (91, "STILL_RUNNING: talks"))
    same(fault(lambda: api.removeProcessGroup("nobody")), (10, "BAD_NAME: nobody"))
    if api.getProcessInfo("quick")["pid"]:
        api.stopProcess("quick")
    same(api.removeProcessGroup("quick"), True)
    same(fault(lambda: api.getProcessInfo("quick")), (10, "BAD_NAME: quick"))
    same([one["inuse"] for one in api.getAllConfigInfo() if one["name"] == "quick"], [False])
    same(api.addProcessGroup("quick"), True)
    same(api.getProcessInfo("quick")["statename"], "STOPPED")


@check("sends events for listeners")
def _():
    same(api.sendRemoteCommEvent("kind", "héllo"), True)
    same(api.sendRemoteCommEvent("", ""), True)


@check("refuses methods and arguments that do not exist")
def _():
    same(fault(lambda: api.nope()), (1, "UNKNOWN_METHOD"))
    same(fault(lambda: server.nope.nope()), (1, "UNKNOWN_METHOD"))
    same(fault(lambda: server.nope()), (1, "UNKNOWN_METHOD"))
    same(fault(lambda: getattr(api, "supervisord.options.execve")()), (1, "UNKNOWN_METHOD"))
    same(fault(lambda: getattr(api, "_update")("x")), (1, "UNKNOWN_METHOD"))
    same(fault(lambda: server.__getattr__("supervisor.__class__")()), (1, "UNKNOWN_METHOD"))
    same(fault(lambda: api.getState(1)), (2, "INCORRECT_PARAMETERS"))
    same(fault(lambda: api.getProcessInfo()), (2, "INCORRECT_PARAMETERS"))
    same(fault(lambda: api.startProcess("slow", True, 1)), (2, "INCORRECT_PARAMETERS"))


@check("makes many calls in one with MultiCall")
def _():
    many = xmlrpc.client.MultiCall(server)
    many.supervisor.getAPIVersion()
    many.supervisor.getState()
    many.supervisor.getProcessInfo("nobody")
    many.supervisor.stopProcess("slow")
    many.supervisor.startProcess("slow")
    many.supervisor.getProcessInfo("slow")
    # Supervisor's answers are not wrapped in arrays of one, as MultiCall expects: they are read without its iterator.
    results = many().results
    same(results[0], "3.0")
    same(results[1], {"statecode": 1, "statename": "RUNNING"})
    same(results[2], {"faultCode": 10, "faultString": "BAD_NAME: nobody"})
    same(results[3:5], [True, True])
    same((results[5]["name"], results[5]["statename"]), ("slow", "RUNNING"))
    same(len(results), 6)
    nested = server.system.multicall([{"methodName": "system.multicall", "params": [[]]}, {"params": []}])
    same(nested, [
        {"faultCode": 2, "faultString": "INCORRECT_PARAMETERS: Recursive system.multicall forbidden"},
        {"faultCode": 2, "faultString": "INCORRECT_PARAMETERS: No methodName"},
    ])  # fmt: skip
    same(server.system.multicall([]), [])


@check("keeps one connection for all calls of a client")
def _():
    opened = []
    connect_once = http.client.HTTPConnection.connect

    def counting(connection):
        opened.append(connection)
        return connect_once(connection)

    before = sockets()
    http.client.HTTPConnection.connect = counting
    try:
        client = connect()
        for _ in range(50):
            same(client.supervisor.getAPIVersion(), "3.0")
        fault(lambda: client.supervisor.getProcessInfo("nobody"))
        same(client.supervisor.stopProcess("slow"), True)
        same(client.supervisor.getAPIVersion(), "3.0")
    finally:
        http.client.HTTPConnection.connect = connect_once
    if not url.startswith("unix://"):
        same(len(opened), 1)
    same(sockets() - before, 1)
    client("close")()


def sockets():
    """How many sockets this process holds."""
    count = 0
    for fd in os.listdir("/proc/self/fd"):
        try:
            count += os.readlink("/proc/self/fd/" + fd).startswith("socket:")
        except OSError:
            pass
    return count


@check("answers others while a call waits")
def _():
    start_stubborn()
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(connect().supervisor.stopProcess("stubborn")))
    waiting.start()
    until(lambda: state_of("stubborn") == "STOPPING", "the stop")
    same([connect().supervisor.getAPIVersion() for _ in range(10)], ["3.0"] * 10)
    same(answers, [])
    same(api.signalProcess("stubborn", 9), True)
    waiting.join(20)
    same(answers, [True])


@check("answers many clients at once")
def _():
    answers = []

    def work(number):
        client = connect()
        for index in range(20):
            answers.append(client.supervisor.getProcessInfo("talks")["name"])
            answers.append(fault(lambda: client.supervisor.getProcessInfo("n%d-%d" % (number, index)))[1])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wanted = ["talks"] * 400 + ["BAD_NAME: n%d-%d" % (number, index) for number in range(20) for index in range(20)]
    same(sorted(answers), sorted(wanted))


@check("carries a megabyte each way")
def _():
    text = "0123456789abcde\n" * 65536
    before = api.tailProcessStdoutLog("echo", 0, 0)[1]
    same(api.sendProcessStdin("echo", text), True)
    until(lambda: api.tailProcessStdoutLog("echo", 0, 0)[1] == before + len(text), "the echo")
    same(api.readProcessStdoutLog("echo", before, len(text)) == text, True)


@check("restarts the daemon")
def _():
    pid = api.getPID()
    same(api.restart(), True)
    state = []
    deadline = time.monotonic() + 30
    while "RUNNING" not in state and time.monotonic() < deadline:
        try:
            client = connect()
            client.supervisor.getAllProcessInfo()
            same(client.supervisor.getPID(), pid)
            state.append(client.supervisor.getState()["statename"])
        except xmlrpc.client.Fault as error:
            same((error.faultCode, error.faultString), (6, "SHUTDOWN_STATE"))
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.05)
    same(state, ["RUNNING"])


@check("shuts the daemon down, and says what it cannot do meanwhile")
def _():
    # supervisor's own transport does not connect anew by itself, and the daemon was restarted.
    client = connect()
    pid = start_stubborn(client.supervisor)
    same(client.supervisor.shutdown(), True)
    same(fault(lambda: client.supervisor.getState()), (6, "SHUTDOWN_STATE"))
    same(fault(lambda: client.supervisor.startProcess("slow")), (6, "SHUTDOWN_STATE"))
    same(client.supervisor.sendRemoteCommEvent("a", "b"), True)
    assert "supervisor.getState" in client.system.listMethods()
    os.kill(pid, signal.SIGKILL)


run_checks()
