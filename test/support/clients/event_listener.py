# event_listener.py FILE: an event listener on supervisor.childutils, as people write them. Appends what it got to FILE, one
# line of JSON an event: the pool, the serial within it, the name, and the payload's headers and data. What it does besides
# is told by REMOTE_COMMUNICATION: `restart NAME` restarts a process over RPC before it answers, `fail` is rejected the
# first time, `die` ends the listener without an answer the first time.
import json
import os
import sys

from supervisor import childutils

record = open(sys.argv[1], "a+")
api = childutils.getRPCInterface(os.environ).supervisor


def seen(serial):
    record.seek(0)
    return any(json.loads(line)["serial"] == serial for line in record)


while True:
    headers, payload = childutils.listener.wait()
    serial = int(headers["poolserial"])
    again = seen(serial)
    if "\n" in payload:
        details, data = childutils.eventdata(payload)
    else:
        details, data = childutils.get_headers(payload), None
    details.pop("pid", None)
    line = {"pool": headers["pool"], "serial": serial, "event": headers["eventname"], "details": details, "data": data}
    record.write(json.dumps(line) + "\n")
    record.flush()
    if headers["eventname"] == "REMOTE_COMMUNICATION" and not again:
        if details["type"] == "restart":
            api.stopProcess(data)
            api.startProcess(data)
        elif details["type"] == "fail":
            childutils.listener.fail()
            continue
        elif details["type"] == "die":
            sys.exit(3)
    childutils.listener.ok()
