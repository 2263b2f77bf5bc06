# memory_watch.py MEGABYTES: in the manner of superlance's memmon: every five seconds restarts, over RPC, what has more
# memory than that, and says so on stderr.
import os
import sys

from supervisor import childutils

api = childutils.getRPCInterface(os.environ).supervisor
pages = int(sys.argv[1]) * 2**20 // os.sysconf("SC_PAGE_SIZE")


def resident(pid):
    """In pages; 0 for what has ended meanwhile."""
    try:
        with open("/proc/%d/statm" % pid) as file:
            return int(file.read().split()[1])
    except OSError:
        return 0


while True:
    headers, payload = childutils.listener.wait()
    if headers["eventname"].startswith("TICK"):
        for info in api.getAllProcessInfo():
            if info["pid"] == 0 or resident(info["pid"]) < pages:
                continue
            name = "%(group)s:%(name)s" % info
            api.stopProcess(name)
            api.startProcess(name)
            sys.stderr.write("restarted %s\n" % name)
            sys.stderr.flush()
    childutils.listener.ok()
