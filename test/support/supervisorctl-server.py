# Runs supervisorctl's own main() in forks of one interpreter, because starting Python costs far more than a command does.
# In: one JSON line a command, {directory, arguments, stdin, stdout, stderr}, the last three being paths of files.
# Out: two lines a command, the pid of the fork and then its exit status.
import json
import os
import sys

from supervisor.supervisorctl import main


def become(job):
    os.chdir(job["directory"])
    for fd, path, flags in (
        (0, job["stdin"], os.O_RDONLY),
        (1, job["stdout"], os.O_WRONLY | os.O_APPEND),
        (2, job["stderr"], os.O_WRONLY | os.O_APPEND),
    ):
        os.dup2(os.open(path, flags), fd)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")
    sys.argv = ["supervisorctl"] + job["arguments"]


for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        become(json.loads(line))
        main()
        sys.exit(0)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
