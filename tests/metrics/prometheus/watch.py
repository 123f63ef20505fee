"""Has Prometheus scrape serving servers under load, and asks it for every query of the board and every rule.

    watch.py PROMETHEUS SERVERS BOARD RULES FOLDER [--plot FILE.svg]

Each query and each recording rule has to find data that is a number; each rule has to be evaluated without an error; and
each series that an alert looks at has to be there. With --plot it goes on for a minute, and plots the board.
"""

import json
import math
import pathlib
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import board_plot

HANG = 180
SECONDS = 60
CONFIGURATION = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: venice
    static_configs:
{targets}
"""
TARGET = "      - {{targets: ['{address}'], labels: {{instance: '{name}'}}}}"
# What Grafana fills in.
VARIABLES = {"$__rate_interval": "10s", "$job": ".*", "$instance": ".*", "$store": ".*"}


class Prometheus:
    def __init__(self, program, rules, targets, folder):
        configuration = folder / "prometheus.yml"
        lines = [TARGET.format(name=name, address=address) for name, address in targets.items()]
        configuration.write_text(CONFIGURATION.format(rules=rules, targets="\n".join(lines)))
        self.process = subprocess.Popen(
            [
                program,
                f"--config.file={configuration}",
                f"--storage.tsdb.path={folder / 'series'}",
                "--web.listen-address=127.0.0.1:0",
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        said = []
        for line in self.process.stderr:
            said.append(line)
            found = re.search(r"Listening on.*address=(127\.0\.0\.1:\d+)", line)
            if found:
                self.url = f"http://{found[1]}"
                break
        else:
            sys.exit("watch.py: Prometheus does not start: " + "".join(said))
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        deadline = time.monotonic() + HANG
        while not self.is_ready():
            if time.monotonic() > deadline:
                sys.exit("watch.py: Prometheus does not get ready")
            time.sleep(0.1)

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=HANG) as answer:
                return answer.status == 200
        except urllib.error.HTTPError:
            return False

    def ask(self, path, **parameters):
        body = urllib.parse.urlencode(parameters).encode() if parameters else None
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}", body, HANG) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            sys.exit(f"watch.py: {path} {parameters}: {error.read().decode()}")

    def finds(self, query):
        """Whether a query has a number now."""
        found = self.ask("query", query=query)["result"]
        return any(math.isfinite(float(series["value"][1])) for series in found)

    def series_of(self, query):
        """The series that a query looks at, each as a query of its own."""
        with urllib.request.urlopen(f"{self.url}/api/v1/parse_query?" + urllib.parse.urlencode({"query": query})) as answer:
            nodes, selectors = [json.load(answer)["data"]], set()
        while nodes:
            node = nodes.pop()
            if isinstance(node, list):
                nodes += node
            elif isinstance(node, dict):
                if node.get("type") in ("vectorSelector", "matrixSelector"):
                    matchers = (f"{m['name']}{m['type']}{json.dumps(m['value'])}" for m in node["matchers"])
                    selectors.add("{" + ",".join(matchers) + "}")
                nodes += node.values()
        return selectors


def panels(board):
    """Rows, titles, units and queries of the board."""
    row, found = "", []
    for panel in json.loads(board.read_text())["panels"]:
        if panel["type"] == "row":
            row = panel["title"]
            continue
        queries = []
        for target in panel["targets"]:
            query = target["expr"]
            for name, value in VARIABLES.items():
                query = query.replace(name, value)
            queries.append((query, target.get("legendFormat", "")))
        unit = panel["fieldConfig"]["defaults"]["unit"]
        found.append({"row": row, "title": panel["title"], "unit": unit, "queries": queries})
    return found


def until_found(prometheus, wanted):
    """Waits until each of the queries finds data, for a while; says which of them do not."""
    deadline = time.monotonic() + HANG
    while wanted and time.monotonic() < deadline:
        wanted = [(what, query) for what, query in wanted if not prometheus.finds(query)]
        time.sleep(0.5)
    return wanted


def watch(prometheus, shown):
    wanted = [(panel["title"], query) for panel in shown for query, _ in panel["queries"]]
    queries = len(wanted)
    rules = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
    alerts = [rule for rule in rules if rule["type"] == "alerting"]
    wanted += [(rule["name"], rule["name"]) for rule in rules if rule["type"] == "recording"]
    records = len(wanted) - queries
    for alert in alerts:
        wanted += [(alert["name"], selector) for selector in prometheus.series_of(alert["query"])]
    series = len(wanted) - queries - records
    if queries <= 30 or records < 5 or len(alerts) < 5 or series < len(alerts):
        sys.exit(f"watch.py: {queries} queries, {records} recording rules, {len(alerts)} alerts of {series} series are too few")
    missing = until_found(prometheus, wanted)
    if missing:
        sys.exit("watch.py: nothing is found of\n" + "\n".join(f"{what}: {query}" for what, query in missing))
    rules = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
    bad = [(rule["name"], rule["health"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"]
    if bad:
        sys.exit(f"watch.py: rules that are not evaluated: {bad}")
    # The check can fail.
    if prometheus.finds("rate(venice_server_no_such_metric_total[10s])"):
        sys.exit("watch.py: what is not there is found")
    print(
        f"Prometheus found data for {queries} queries of {len(shown)} panels, {records} recording rules, "
        f"and the {series} series that {len(alerts)} alerts look at"
    )


def plot(prometheus, shown, file):
    begun = time.time()
    time.sleep(SECONDS)
    for panel in shown:
        panel["curves"] = []
        for query, legend in panel["queries"]:
            found = prometheus.ask("query_range", query=query, start=begun, end=begun + SECONDS, step=1)["result"]
            for series in found:
                name = re.sub(r"{{(\w+)}}", lambda label: series["metric"].get(label[1], ""), legend)
                points = [(at - begun, float(value)) for at, value in series["values"]]
                panel["curves"].append((name, [point for point in points if math.isfinite(point[1])]))
    version = prometheus.ask("status/buildinfo")["version"]
    file.write_text(board_plot.page(shown, SECONDS, f"Prometheus {version}, a scrape a second, for {SECONDS} s"))


def main(program, servers, board, rules, folder, *plots):
    folder = pathlib.Path(folder)
    (folder / "served").mkdir()
    serving = subprocess.Popen([servers, str(folder / "served")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    prometheus = None
    try:
        targets = dict(serving.stdout.readline().split() for _ in range(3))
        prometheus = Prometheus(program, rules, targets, folder)
        shown = panels(pathlib.Path(board))
        watch(prometheus, shown)
        if plots:
            plot(prometheus, shown, pathlib.Path(plots[1]))
        serving.stdin.close()
        if serving.wait(HANG) != 0:
            sys.exit("watch.py: the servers failed")
    finally:
        serving.kill()
        if prometheus:
            prometheus.process.terminate()
            prometheus.process.wait(HANG)


if __name__ == "__main__":
    main(*sys.argv[1:])
