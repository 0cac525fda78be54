"""The server's settings: what depends on the folder and the command line; the rest stands in ``voila.json``."""

import logging
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from traitlets import default
from traitlets.config import Config

from hyteanalysis.apps.frame import frame, notebooks
from hyteanalysis.apps.server import provisioner

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
FILL_DELAY = 4.0  # seconds that a visitor has the processor alone before the next kernel is made ready
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class OwnKernel(KernelSpecManager):
    """Kernels run in this very Python, whatever kernels the user has installed."""

    @default("kernel_dirs")
    def _no_other_kernels(self) -> list[str]:
        return []


def configuration(
    folder: Path, *, lang: str, preheat: int, idle_minutes: float, base_url: str, names: Iterable[str], work: Path
) -> Config:
    """The settings of one start of the server."""
    served = notebooks(folder)
    config = Config()
    frames = {name: frame(*name.split("."), served=served, base_url=base_url) for name in served}
    config.VoilaConfiguration.resources = {"hyte": frames}
    config.VoilaConfiguration.kernel_spec_manager_class = OwnKernel
    config.KernelProvisionerFactory.default_provisioner_name = provisioner.NAME
    config.VoilaConfiguration.preheat_kernel = preheat > 0
    config.VoilaConfiguration.default_pool_size = preheat
    config.VoilaKernelManager.fill_delay = FILL_DELAY
    config.VoilaKernelManager.preheat_denylist = [f"{name}.ipynb" for name in served if not name.endswith(f".{lang}")]
    config.TemplateExporter.extra_template_basedirs = [str(folder / "templates")]
    config.MappingKernelManager.cull_idle_timeout = max(1, int(60 * idle_minutes))
    config.MappingKernelManager.cull_interval = max(1, min(60, int(20 * idle_minutes)))
    config.FileContentsManager.root_dir = str(folder)
    config.Voila.tornado_settings = {
        "headers": HEADERS,
        "allow_remote_access": False,
        "local_hostnames": ["localhost", *names],
    }
    config.Voila.connection_dir_root = str(work)
    config.Voila.log_level = logging.WARNING
    config.NotebookNotary.update({"db_file": ":memory:", "secret": secrets.token_bytes(32)})
    if os.name == "posix":
        config.KernelManager.transport = "ipc"
    return config
