# Checks written in Python. Each is a function below `@check("sentence")`; the tests read the sentences from the file, so
# they stand on one line. Out: a line of JSON per check, [sentence, what went wrong or ""].
import json
import traceback

_checks = []


def check(sentence):
    def keep(function):
        _checks.append((sentence, function))
        return function

    return keep


def run_checks(*arguments):
    for sentence, function in _checks:
        problem = ""
        try:
            function(*arguments)
        except Exception:
            problem = traceback.format_exc()
        print(json.dumps([sentence, problem]), flush=True)


def same(value, wanted):
    """Equal, and of the same type: in Python True == 1."""
    assert value == wanted and type(value) is type(wanted), "%.500r is not %.500r" % (value, wanted)
