# crash_mail.py COMMAND: in the manner of superlance's crashmail: pipes a message into COMMAND when a process has ended with
# a status that was not expected.
import os
import sys

from supervisor import childutils

while True:
    headers, payload = childutils.listener.wait()
    if headers["eventname"] == "PROCESS_STATE_EXITED":
        details, _ = childutils.eventdata(payload + "\n")
        if not int(details["expected"]):
            with os.popen(sys.argv[1], "w") as mail:
                mail.write("%(groupname)s:%(processname)s ended in state %(from_state)s\n" % details)
    childutils.listener.ok()
