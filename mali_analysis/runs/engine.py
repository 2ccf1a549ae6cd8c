"""Warm kernels: ordinary ones of ipykernel, forked from a process that has done the imports.

``WarmEngine`` is Papermill's way to them: ``papermill --engine mali-warm any.ipynb out.ipynb``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.client import KernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from papermill.engines import NBClientEngine
from traitlets import DottedObjectName, Type, default
from traitlets.config import Config

from mali_analysis.runs import kernels, processes, server

PLAIN = [sys.executable, "-m", "ipykernel_launcher", "-f"]
"""How the command of a kernel begins that is ours to fork: this Python's own."""


POLL = 0.005
"""Seconds between looks at a kernel that is to end: Jupyter's tenth of a second is long beside a short notebook."""


class WarmProvisioner(LocalProvisioner):
    """Forks the kernel from the warm server; what that cannot make is started in the ordinary way."""

    process: Any

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Connection information of the kernel that ``cmd`` stands for, which now runs."""
        given = self._scrub_kwargs(kwargs)
        folder = os.path.abspath(given.get("cwd") or os.getcwd())
        request = (cmd, dict(given.get("env", os.environ)), folder)
        ways = ["kernel"] if kernels.is_warm() and cmd[: len(PLAIN)] == PLAIN else []
        ways += ["command"] if server.ADDRESS else []  # in a job, whose server sees that nothing is left of it
        for way in ways if set(given) <= {"env", "cwd"} else []:
            with contextlib.suppress(processes.Refused, OSError):
                self.process = _fork(way, *request)
                break
        else:
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = folder
        return self.connection_info

    async def wait(self) -> int | None:
        """The exit status, once the kernel has ended."""
        while self.process and self.process.poll() is None:
            await asyncio.sleep(POLL)
        return await super().wait()


class PromptClient(AsyncKernelClient):
    """A client that goes on as soon as the kernel is ready.

    Jupyter's own then waits until the kernel has been silent for a while; nbclient leaves aside what answers no cell.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Nothing, once the kernel answers on both channels; raises RuntimeError where it dies or takes too long."""
        until = time.monotonic() + (timeout or float("inf"))
        while True:
            self.kernel_info()
            with contextlib.suppress(Empty):
                reply = await self.get_shell_msg(timeout=1)
                await self.get_iopub_msg(timeout=0.2)  # nothing comes before this channel is connected
                if reply["msg_type"] == "kernel_info_reply":
                    return self._handle_kernel_info_reply(reply)
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > until:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


def _fork(*request: Any) -> processes.Forked:
    nothing, closed = os.pipe()  # Jupyter gives its kernels a pipe to read from that nobody writes to
    os.close(closed)
    try:
        return processes.Forked(processes.start_server({}), *request, files=(nothing, 1, 2))
    finally:
        os.close(nothing)


class WarmManager(AsyncKernelManager):
    """A manager of kernels that are forked where that gives the same kernel."""

    client_class = DottedObjectName(f"{__name__}.PromptClient").tag(config=True)
    client_factory = Type(klass=KernelClient, default_value=PromptClient).tag(config=True)

    async def _async_pre_start_kernel(self, **kwargs: Any) -> Any:
        if self.provisioner is None:
            self.provisioner = WarmProvisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        return await super()._async_pre_start_kernel(**kwargs)

    async def _async_finish_shutdown(
        self, waittime: float | None = None, pollinterval: float = POLL, restart: bool = False
    ) -> None:
        await super()._async_finish_shutdown(waittime, pollinterval, restart)


class OwnSpecs(KernelSpecManager):
    """This Python's own kernel, whatever others the Jupyter path has under its name."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The specification that ipykernel would install."""
        from ipykernel.kernelspec import RESOURCES, get_kernel_dict

        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())


class OwnManager(WarmManager):
    """A manager for notebooks of ours, which run in this Python and no other."""

    @default("kernel_spec_manager")
    def _own_specs(self) -> KernelSpecManager:
        return OwnSpecs(parent=self)


class WarmEngine(NBClientEngine):
    """Papermill's own engine with warm kernels, over sockets of this machine."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
        """The executed notebook; options are those of Papermill's own engine."""
        with kernels.local_kernel() as config:
            given = {"kernel_manager_class": WarmManager} | kwargs | {"config": config}
            given["config"].merge(kwargs.get("config") or Config())
            return super().execute_managed_notebook(nb_man, kernel_name, **given)
