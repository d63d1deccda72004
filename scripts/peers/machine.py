"""What scripts/compare and scripts/load both report about the machine that they measure on."""

import os
import platform
import re
from pathlib import Path


def cpu():
    info = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*: (.*)", info.read_text(), re.M) if info.exists() else []
    return names[0] if names else platform.processor() or platform.machine()


def warn_if_busy(say):
    if os.getloadavg()[0] > 0.5:
        say(f"warning: this machine is busy with other work (load {os.getloadavg()[0]:.1f})")
