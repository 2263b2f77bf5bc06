# Answers what Python and the installed supervisor make of inputs: a line of JSON in, [function, [input, ...]], a line out,
# one answer for each. An answer of "refused" means that the input is none.
import glob
import json
import shlex
import sys

from supervisor import datatypes, options, xmlrpc



def words(line):
    try:
        return shlex.split(line)
    except ValueError as why:
        return str(why)


def ini(text):
    parser = options.UnhosedConfigParser()
    try:
        parser.read_string(text.replace("\r\n", "\n").replace("\r", "\n"))
    except Exception:
        return "refused"
    return [[name, sorted([list(item) for item in parser._sections[name].items()])] for name in parser.sections()]


def pairs(text):
    try:
        return sorted([list(item) for item in datatypes.dict_of_key_value_pairs(text).items()])
    except ValueError:
        return "refused"


def expand(given):
    text, names = given
    try:
        return options.expand(text, names, "label")
    except ValueError:
        return "refused"


def matching(pattern):
    return sorted(glob.glob(pattern))


def value(given):
    kind, text = given
    try:
        return kinds[kind](text)
    except ValueError:
        return "refused"


kinds = {
    "byteSize": lambda text: datatypes.byte_size(text),
    "signal": lambda text: int(datatypes.signal_number(text)),
    "exitCodes": lambda text: datatypes.list_of_exitcodes(text),
    "boolean": lambda text: datatypes.boolean(text),
    "octal": lambda text: datatypes.octal_type(text),
    "listOfStrings": lambda text: datatypes.list_of_strings(text),
    "integer": lambda text: datatypes.integer(text),
    "logLevel": lambda text: datatypes.logging_level(text),
}


def namespec(text):
    return list(options.split_namespec(text))


def call(text):
    try:
        params, method = xmlrpc.loads(text)
    except Exception:
        return "refused"
    try:
        json.dumps(params)
    except TypeError:
        return "no JSON"
    return [method or "", list(params)]


def dumped(given):
    method, params = given
    try:
        return xmlrpc.xmlrpclib.dumps(tuple(params), method)
    except OverflowError:
        return "refused"


functions = dict(
    matching=matching, words=words, ini=ini, pairs=pairs, expand=expand, value=value, namespec=namespec, call=call, dumped=dumped
)

for line in sys.stdin:
    name, inputs = json.loads(line)
    print(json.dumps([functions[name](each) for each in inputs]), flush=True)
