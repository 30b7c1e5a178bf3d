"""A built page opened in a browser, and what goes wrong while it loads."""

import functools
import http.server
import threading

from explored import UNPACKED

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def serve(folder):
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Visit:
    """An opened page, and what went wrong while it loaded."""

    def __init__(self, browser, url, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.problems = []
        self.host = url.split("/")[2]
        self.loaded = {}
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("request", self.see_request)
        self.page.on("response", self.see_response)
        self.page.goto(url, wait_until="load")
        self.page.evaluate("() => window.MathJax?.startup?.promise?.then(() => true)")
        if options.get("java_script_enabled", True):
            self.page.evaluate(UNPACKED)

    def hear(self, message):
        if message.type == "error":
            self.problems.append(f"console: {message.text}")

    def see_request(self, request):
        scheme, _, rest = request.url.partition("://")
        if scheme in ("http", "https", "ws", "wss") and rest.split("/")[0] != self.host:
            self.problems.append(f"asks another host: {request.url}")

    def see_response(self, response):
        self.loaded[response.url.split("?")[0]] = response
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")

    def math_problems(self):
        wanted = self.page.locator("article .math").count()
        found = self.page.locator("article .math mjx-container").count()
        wrong = self.page.locator("article mjx-merror, article [data-mjx-error]").count()
        problems = [] if found >= wanted else [f"{found} of {wanted} formulas are set"]
        return problems + ([f"{wrong} formulas have errors"] if wrong else [])

    def weights(self):
        """Bytes of each file that the page has loaded, by its address on this host."""
        self.page.wait_for_load_state("networkidle")
        return {
            url.partition(self.host)[2]: len(response.body())
            for url, response in list(self.loaded.items())
        }

    def background(self):
        return self.page.evaluate("() => getComputedStyle(document.body).backgroundColor")

    def close(self):
        self.context.close()
