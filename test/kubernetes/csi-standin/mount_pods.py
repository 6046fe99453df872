"""Volumes as the driver has them: a pod for each handle and node that mounts JuiceFS, from which a target is bound.

What it keeps of the driver (0.32, mount pods, one for each PV), because a migration meets it: the pods' names, labels,
container and finalizer, their Secret that belongs to the PV, the settings in juicefs-csi-driver-config that change their
options and image, the seconds that they stay behind their last user, and that it does not survive a terminating mount
pod whose Secret is gone and whose PV is of another kind.
"""
import base64
import hashlib
import os
import random
import string
import subprocess
import threading
import time

import yaml

NAMESPACE = "kube-system"
FINALIZER = "juicefs.com/finalizer"
LABELS = {"app.kubernetes.io/name": "juicefs-mount"}
HANDLE = "volume-id"
# where mount pods mount, on the node, and as they see it themselves
ON_NODE = "/var/lib/juicefs/volume"
IN_POD = "/jfs"
DELAY = "juicefs/mount-delete-delay"
DELETE_AT = "juicefs-delete-at"
# how long a mount may take until a pod is told that it failed
PATIENCE = 16


def mounted(path):
    return subprocess.run(["mountpoint", "-q", path], stderr=subprocess.DEVNULL).returncode == 0


class Crash(BaseException):
    """What the driver does not survive."""


class MountPods:
    def __init__(self, api, node, juicefs):
        self.api = api
        self.node = node
        self.juicefs = juicefs
        # the kubelet asks for several volumes at once
        self.lock = threading.Lock()

    # A volume that is wanted

    def path_of(self, handle, secrets, options, target):
        """The mount of its mount pod, which is started where there is none; raises with what JuiceFS says where it fails."""
        self.open_file_system(secrets)
        with self.lock:
            volume = self.volume(handle)
            options, image, delay = self.patched(volume, options)
            delay = (volume or {}).get("spec", {}).get("csi", {}).get("volumeAttributes", {}).get(DELAY, delay)
            digest = hashlib.sha256("\n".join([secrets["metaurl"], *options]).encode()).hexdigest()[:20]
            pod = next((p for p in self.pods(handle) if is_of(p, digest)), None)
            pod = pod or self.start(handle, volume, secrets, options, image, digest, delay)
            annotations = {reference(target): target, DELETE_AT: None}
            self.api.patch(path_to(pod), {"metadata": {"annotations": annotations}})
        return self.wait_for(pod)

    def open_file_system(self, secrets):
        """As the driver does before each mount: the file system is formatted where it is not, and its password tried."""
        words = [self.juicefs, "format", "--no-update"]
        for flag in ("storage", "bucket", "access-key", "secret-key"):
            if secrets.get(flag):
                words.append(f"--{flag}={secrets[flag]}")
        done = subprocess.run(
            [*words, secrets["metaurl"], secrets["name"]], capture_output=True, text=True, timeout=PATIENCE
        )
        if done.returncode:
            raise RuntimeError(f"juicefs format: {done.stderr[-600:]}")

    def volume(self, handle):
        volumes = self.api.list("/api/v1/persistentvolumes")
        return next((v for v in volumes if v["spec"].get("csi", {}).get("volumeHandle") == handle), None)

    def patched(self, volume, options):
        """The options and image of a mount pod as the mountPodPatch that selects its claim has them, and its delay."""
        image, delay = "docker.io/local/juicefs:1", ""
        config = self.api.get(f"/api/v1/namespaces/{NAMESPACE}/configmaps/juicefs-csi-driver-config")
        text = (config or {}).get("data", {}).get("config.yaml", "")
        for patch in (yaml.safe_load(text) or {}).get("mountPodPatch", []):
            if not self.selects(patch.get("pvcSelector"), volume):
                continue
            image = patch.get("ceMountImage", image)
            delay = patch.get("annotations", {}).get("juicefs-delete-delay", delay)
            names = [option.split("=")[0] for option in patch.get("mountOptions", [])]
            options = [o for o in options if o.split("=")[0] not in names] + patch.get("mountOptions", [])
        return options, image, delay

    def selects(self, selector, volume):
        if not selector:
            return True
        claim_ref = (volume or {}).get("spec", {}).get("claimRef")
        if not claim_ref:
            return False
        claim = self.api.get(
            f"/api/v1/namespaces/{claim_ref['namespace']}/persistentvolumeclaims/{claim_ref['name']}"
        )
        labels = (claim or {}).get("metadata", {}).get("labels", {})
        storage_class = volume["spec"].get("storageClassName", "")
        return (
            selector.get("matchName", claim_ref["name"]) == claim_ref["name"]
            and selector.get("matchStorageClassName", storage_class) == storage_class
            and all(labels.get(k) == v for k, v in selector.get("matchLabels", {}).items())
            and all(holds(e, labels) for e in selector.get("matchExpressions", []))
        )

    def start(self, handle, volume, secrets, options, image, digest, delay):
        secret = f"juicefs-{handle}-secret"
        self.write_secret(secret, volume, {"metaurl": secrets["metaurl"], "name": secrets["name"]})
        suffix = "".join(random.choices(string.ascii_lowercase, k=6))
        at = f"{handle}-{suffix}"
        os.makedirs(os.path.join(ON_NODE, at), exist_ok=True)
        own = ["cache-dir=/var/jfsCache", "metrics=127.0.0.1:0", "no-usage-report"]
        mount = f"exec /bin/mount.juicefs ${{metaurl}} {IN_POD}/{at} -o {','.join([*options, *own])}"
        volumes = {"jfs-dir": (ON_NODE, IN_POD, "Bidirectional")}
        if secrets.get("storage") == "file":
            # blocks in a directory of this machine stand for an object store, which every node reaches
            volumes["blocks"] = (secrets["bucket"], secrets["bucket"], "None")
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"juicefs-{self.node}-{handle}-{suffix}",
                "namespace": NAMESPACE,
                "labels": {**LABELS, HANDLE: handle, "juicefs-hash": digest},
                "annotations": {
                    "juicefs-uniqueid": handle,
                    "juicify.test/at": at,
                    **({"juicefs-delete-delay": delay} if delay else {}),
                },
                "finalizers": [FINALIZER],
            },
            "spec": {
                "nodeName": self.node,
                # where Redis listens on loopback alone
                "hostNetwork": True,
                "terminationGracePeriodSeconds": 10,
                "tolerations": [{"operator": "Exists"}],
                "containers": [
                    {
                        "name": "jfs-mount",
                        "image": image,
                        "command": ["sh", "-c", mount],
                        "env": [
                            {"name": "JFS_FOREGROUND", "value": "1"},
                            {"name": "JFS_INSIDE_CONTAINER", "value": "1"},
                            {
                                "name": "metaurl",
                                "valueFrom": {"secretKeyRef": {"name": secret, "key": "metaurl"}},
                            },
                        ],
                        "securityContext": {"privileged": True, "runAsUser": 0},
                        "lifecycle": {
                            "preStop": {"exec": {"command": ["sh", "-c", f"umount -l {IN_POD}/{at}; rmdir {IN_POD}/{at}; exit 0"]}}
                        },
                        "volumeMounts": [
                            {"name": name, "mountPath": inside, "mountPropagation": propagation}
                            for name, (_, inside, propagation) in volumes.items()
                        ],
                    }
                ],
                "volumes": [
                    {"name": name, "hostPath": {"path": outside, "type": "DirectoryOrCreate"}}
                    for name, (outside, _, _) in volumes.items()
                ],
            },
        }
        return self.api.create(f"/api/v1/namespaces/{NAMESPACE}/pods", pod)

    def write_secret(self, name, volume, data):
        path = f"/api/v1/namespaces/{NAMESPACE}/secrets"
        metadata = {"name": name, "namespace": NAMESPACE}
        if volume:
            metadata["ownerReferences"] = [
                {
                    "apiVersion": "v1",
                    "kind": "PersistentVolume",
                    "name": volume["metadata"]["name"],
                    "uid": volume["metadata"]["uid"],
                    "controller": False,
                }
            ]
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}
        if self.api.create(path, secret) is None:
            self.api.patch(f"{path}/{name}", secret)

    def wait_for(self, pod):
        at = os.path.join(ON_NODE, pod["metadata"]["annotations"]["juicify.test/at"])
        deadline = time.monotonic() + PATIENCE
        while not mounted(at):
            if time.monotonic() > deadline:
                raise RuntimeError(f"mount pod {pod['metadata']['name']} has not mounted after {PATIENCE} s")
            time.sleep(0.1)
        return at

    def pods(self, handle=None):
        """The mount pods of this node that are not being deleted; those of one handle where one is named."""
        return [
            pod
            for pod in self.all_pods()
            if "deletionTimestamp" not in pod["metadata"]
            and (handle is None or pod["metadata"]["labels"].get(HANDLE) == handle)
        ]

    def all_pods(self):
        query = f"labelSelector=app.kubernetes.io/name%3Djuicefs-mount&fieldSelector=spec.nodeName%3D{self.node}"
        return self.api.list(f"/api/v1/namespaces/{NAMESPACE}/pods?{query}")

    # A volume that is not wanted any more

    def release(self, handle, target):
        """Takes a user off its mount pod, which goes with the last one, or after its delay."""
        with self.lock:
            for pod in self.pods(handle):
                annotations = pod["metadata"]["annotations"]
                if reference(target) not in annotations:
                    continue
                self.api.patch(path_to(pod), {"metadata": {"annotations": {reference(target): None}}})
                left = [key for key in users(annotations) if key != reference(target)]
                delay = seconds(annotations.get("juicefs-delete-delay", ""))
                if left:
                    continue
                if delay:
                    at = {DELETE_AT: time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time.time() + delay))}
                    self.api.patch(path_to(pod), {"metadata": {"annotations": at}})
                else:
                    self.api.delete(path_to(pod))

    # What it does all the time

    def look_after(self):
        """Lets mount pods go that have ended or whose delay is over; raises Crash where the driver would panic."""
        for pod in self.all_pods():
            annotations = pod["metadata"]["annotations"]
            if "deletionTimestamp" in pod["metadata"]:
                self.must_survive(pod)
                if FINALIZER in pod["metadata"].get("finalizers", []) and has_ended(pod):
                    self.forget(pod)
            elif annotations.get(DELETE_AT, "~") < time.strftime("%Y-%m-%d %H:%M:%S") and not users(annotations):
                self.api.delete(path_to(pod))

    def must_survive(self, pod):
        handle = pod["metadata"]["labels"].get(HANDLE, "")
        if self.api.get(f"/api/v1/namespaces/{NAMESPACE}/secrets/juicefs-{handle}-secret"):
            return
        volume = self.api.get(f"/api/v1/persistentvolumes/{handle}")
        if volume and "csi" not in volume["spec"]:
            raise Crash(f"PersistentVolume {handle} of mount pod {pod['metadata']['name']} has no csi")

    def forget(self, pod):
        at = os.path.join(ON_NODE, pod["metadata"]["annotations"]["juicify.test/at"])
        subprocess.run(["umount", "-l", at], stderr=subprocess.DEVNULL)
        if os.path.isdir(at):
            os.rmdir(at)  # never recursive: what is in there would be data
        self.api.patch(path_to(pod), {"metadata": {"finalizers": None}})


def path_to(pod):
    return f"/api/v1/namespaces/{NAMESPACE}/pods/{pod['metadata']['name']}"


def is_of(pod, digest):
    return pod["metadata"]["labels"].get("juicefs-hash") == digest and not has_ended(pod)


def has_ended(pod):
    statuses = pod.get("status", {}).get("containerStatuses", [])
    leaving = "deletionTimestamp" in pod["metadata"]
    return bool(statuses) and all(is_over(status, leaving) for status in statuses)


def is_over(status, leaving):
    # the kubelet of Kubernetes 1.20 shows one that it has removed as waiting; of a pod that is deleted none is started again
    return "terminated" in status["state"] or (leaving and "waiting" in status["state"] and "terminated" in status["lastState"])


def reference(target):
    return "juicefs-" + hashlib.sha256(target.encode()).hexdigest()[:40]


def users(annotations):
    return [key for key, value in annotations.items() if key == reference(value)]


def seconds(duration):
    """Of 1h30m or 90s."""
    total, number = 0, ""
    for char in duration:
        if char.isdigit():
            number += char
        else:
            total, number = total + int(number or 0) * {"h": 3600, "m": 60, "s": 1}[char], ""
    return total


def holds(expression, labels):
    key, operator, values = expression["key"], expression["operator"], expression.get("values", [])
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    return (key in labels) == (operator == "Exists")
