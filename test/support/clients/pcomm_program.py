# pcomm_program.py: a program that talks to listeners with supervisor.childutils' pcomm: at once on stdout, and on stderr when
# a line comes on stdin. Its tokens are bytes in Python 3, so that pcomm.stdout() and stderr() fail there and send() is used.
import sys
import time

from supervisor import childutils

childutils.pcomm.send(b"said on stdout\n", sys.stdout.buffer)
sys.stdout.write("an ordinary line on stdout, long enough not to be held back\n")
sys.stdout.flush()
sys.stdin.readline()
childutils.pcomm.send("grüße on stderr".encode(), sys.stderr.buffer)
sys.stderr.write("an ordinary line on stderr, long enough not to be held back\n")
sys.stderr.flush()
time.sleep(3600)
