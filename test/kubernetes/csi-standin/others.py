"""CSI drivers that know a directory by attributes of their own, on one node, as far as tests need them.

Each takes what the real one's public code takes of a volume, and refuses what that refuses; its files are a folder that all
nodes share. What none of them does is to make the directory that it is to show: the mount fails where it is missing.

nfs.csi.k8s.io       server, share, subDir                               <folder>/nfs/<share>/<subDir>
cephfs.csi.ceph.com  clusterID, fsName, staticVolume, rootPath; a Secret with userID and userKey when it stages
                                                                         <folder>/cephfs/<fsName>/<rootPath>
csi.curvefs.com      mdsAddr, fsType; the handle is the file system      <folder>/curvefs/<handle>
"""
import os
import subprocess

import grpc


def required(attributes, *keys):
    for key in keys:
        if not attributes.get(key):
            raise ValueError(f"{key} is missing")


def nfs(folder, handle, attributes):
    attributes = {key.lower(): value for key, value in attributes.items()}
    required(attributes, "server", "share")
    return os.path.join(folder, "nfs", attributes["share"].strip("/"), attributes.get("subdir", "").strip("/"))


def cephfs(folder, handle, attributes):
    required(attributes, "clusterID", "fsName", "rootPath")
    if attributes.get("staticVolume") != "true":
        raise ValueError("the volume is not one that it has provisioned, and staticVolume is not true")
    if not attributes["rootPath"].startswith("/"):
        raise ValueError("rootPath is no absolute path")
    return os.path.join(folder, "cephfs", attributes["fsName"], attributes["rootPath"].strip("/"))


def curvefs(folder, handle, attributes):
    required(attributes, "mdsAddr", "fsType")
    if attributes["fsType"] not in ("s3", "volume"):
        raise ValueError(f"unsupported fsType {attributes['fsType']}")
    return os.path.join(folder, "curvefs", handle)


def mounted(path):
    return subprocess.run(["mountpoint", "-q", path]).returncode == 0


def bind(source, target):
    if mounted(target):
        return
    if not os.path.isdir(source):
        raise ValueError(f"mounting {source} failed, reason given by server: No such file or directory")
    os.makedirs(target, exist_ok=True)
    subprocess.run(["mount", "--bind", source, target], check=True)


def unbind(target):
    if mounted(target):
        subprocess.run(["umount", target], check=True)
    if os.path.isdir(target):
        os.rmdir(target)  # never recursive: what is in there would be data


class Node:
    service = "csi.v1.Node"

    def __init__(self, csi, node, source, stages=False):
        self.csi, self.node, self.source, self.stages = csi, node, source, stages
        self.requests = dict(
            NodeGetInfo=csi.Empty,
            NodeGetCapabilities=csi.Empty,
            NodeStageVolume=csi.StageRequest,
            NodeUnstageVolume=csi.UnstageRequest,
            NodePublishVolume=csi.PublishRequest,
            NodeUnpublishVolume=csi.UnpublishRequest,
        )

    def NodeGetInfo(self, request, context):
        return self.csi.NodeInfo(node_id=self.node)

    def NodeGetCapabilities(self, request, context):
        staging = [self.csi.NodeCapability(rpc=self.csi.Rpc(type=1))] if self.stages else []
        return self.csi.NodeCapabilities(capabilities=staging)

    def NodeStageVolume(self, request, context):
        return self.answer(context, lambda: required(dict(request.secrets), "userID", "userKey"))

    def NodeUnstageVolume(self, request, context):
        return self.csi.Empty()

    def NodePublishVolume(self, request, context):
        def publish():
            bind(self.source(request.volume_id, dict(request.volume_context)), request.target_path)
            if request.readonly:
                subprocess.run(["mount", "-o", "remount,bind,ro", request.target_path], check=True)

        return self.answer(context, publish)

    def NodeUnpublishVolume(self, request, context):
        return self.answer(context, lambda: unbind(request.target_path))

    def answer(self, context, work):
        try:
            work()
        except ValueError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except (OSError, subprocess.CalledProcessError) as error:
            context.abort(grpc.StatusCode.INTERNAL, str(error))
        return self.csi.Empty()


def drivers(csi, node, folder):
    """Each driver's name, and what serves it."""

    def of(where, stages=False):
        return Node(csi, node, lambda handle, attributes: where(folder, handle, attributes), stages)

    return [("nfs.csi.k8s.io", of(nfs)), ("cephfs.csi.ceph.com", of(cephfs, stages=True)), ("csi.curvefs.com", of(curvefs))]
