"""The cluster's API as a driver needs it: objects as the JSON that they are, with an administrator's token."""
import json
import ssl
import urllib.error
import urllib.request

import yaml


class Api:
    def __init__(self, kubeconfig):
        with open(kubeconfig) as file:
            config = yaml.safe_load(file)
        cluster = config["clusters"][0]["cluster"]
        self.server = cluster["server"]
        self.tls = ssl.create_default_context(cafile=cluster["certificate-authority"])
        self.token = config["users"][0]["user"]["token"]

    def ask(self, method, path, body=None, patch=False):
        """The answer as JSON; None where the object is not there, or, of a creation, is there already."""
        request = urllib.request.Request(
            self.server + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/merge-patch+json" if patch else "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code == 404 or (error.code == 409 and method == "POST"):
                return None
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def get(self, path):
        return self.ask("GET", path)

    def list(self, path):
        return self.ask("GET", path)["items"]

    def create(self, path, body):
        return self.ask("POST", path, body)

    def patch(self, path, body):
        return self.ask("PATCH", path, body, patch=True)

    def delete(self, path):
        return self.ask("DELETE", path)
