"""What each fault of the wiring means and what to do, in both languages.

The signatures are those of the kernel's w1_therm driver; see the table in the volunteer's guide,
which has a picture of each under the same code. The collector's page of a box says them too.
"""

from __future__ import annotations

from dataclasses import dataclass

from heatward_node.reading import Quality


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: a code for tests, and the words for people."""

    code: str
    is_fault: bool
    zh: str
    en: str


OF_QUALITY = {
    Quality.CRC_ERROR: (
        "传感器 {name} 的数据时好时坏。线太长、分叉太多或接头松动。请把线缩短、接头拧紧；上拉电阻用 4.7 kΩ，线长超过 10 米改用 2.2 kΩ。",
        "Data of sensor {name} are garbled now and then: the cable is too long or branched, or a "
        "joint is loose. Shorten the cable and tighten the joints; the pull-up is 4.7 kOhm, above "
        "10 m of cable 2.2 kOhm.",
    ),
    Quality.ALL_ZERO: (
        "传感器 {name} 读到全零：数据线（黄）碰到了地线（黑）。请断电，把两根线分开再试。",
        "Sensor {name} reads all zero: the data wire (yellow) touches ground (black). Switch off, "
        "separate the two wires, try again.",
    ),
    Quality.ALL_ONES: (
        "传感器 {name} 没有应答：数据线（黄）断了或没插到 GPIO4（第 7 针）。请检查黄线。",
        "Sensor {name} does not answer: the data wire (yellow) is broken or not on GPIO4 (pin 7). "
        "Check the yellow wire.",
    ),
    Quality.POWER_ON_RESET: (
        "传感器 {name} 读到上电初值 85 ℃：供电不稳。请检查红线是否接在 3.3 V（第 1 针）。",
        "Sensor {name} shows its power-on value of 85 degC: its supply is unstable. Check that "
        "the red wire is on 3.3 V (pin 1).",
    ),
    Quality.FAILED_CONVERSION: (
        "传感器 {name} 读到 127.94 ℃：红线没有供电，测不出温度。请把红线接到 3.3 V（第 1 针）。",
        "Sensor {name} shows 127.94 degC: its red wire has no supply, so it cannot measure. "
        "Put the red wire on 3.3 V (pin 1).",
    ),
    Quality.OUT_OF_RANGE: (
        "传感器 {name} 的温度超出量程，多半已损坏。请换一只。",
        "Sensor {name} is out of its range and probably broken. Replace it.",
    ),
    Quality.BAD_CONFIGURATION: (
        "传感器 {name} 的配置字节不是 DS18B20 的：可能是仿冒件。请换一只并记下购买渠道。",
        "The configuration of sensor {name} is not a DS18B20's: probably a counterfeit. Replace "
        "it, and note where it was bought.",
    ),
    Quality.SENSOR_GONE: (
        "传感器 {name} 刚才还在，现在找不到了。请检查它的插头。",
        "Sensor {name} was there and is gone. Check its plug.",
    ),
}
UNKNOWN = (
    "传感器 {name} 暂时读不出来。请等一分钟再试；还是不行就拔下重插。",
    "Sensor {name} cannot be read at the moment. Wait a minute and try again; if that fails, "
    "unplug it and plug it in again.",
)
NO_OVERLAY = Finding(
    "no_overlay",
    True,
    "没有找到一线总线。请在 /boot/firmware/config.txt 末尾加一行 dtoverlay=w1-gpio,gpiopin=4，然后重启。",
    "There is no 1-Wire bus. Add the line dtoverlay=w1-gpio,gpiopin=4 to the end of "
    "/boot/firmware/config.txt and restart.",
)
NO_MASTER = Finding(
    "no_master",
    True,
    "一线总线没有启用到任何引脚。请确认 /boot/firmware/config.txt 里有 dtoverlay=w1-gpio,gpiopin=4（拼写无误、行首没有 #），然后重启。",
    "The 1-Wire bus is on no pin. Make sure that /boot/firmware/config.txt has the line "
    "dtoverlay=w1-gpio,gpiopin=4, spelled like this and without a # before it, and restart.",
)
STALLED = Finding(
    "bus_stalled",
    True,
    "总线卡住了，30 秒内没有应答：多半是短路。请断电，逐只拔下传感器再通电，找出是哪一只。",
    "The bus is stuck and did not answer within 30 s: mostly a short circuit. Switch off, unplug "
    "the sensors one by one and switch on again, to find which one it is.",
)
NO_SENSOR_FOUND = Finding(
    "no_sensor",
    True,
    "总线在，但一只传感器也没有。请检查：黄线是否插在 GPIO4（第 7 针），黄线与红线之间是否有 4.7 kΩ 上拉电阻；"
    "传感器发烫说明红黑接反，请立即断电。",
    "The bus is there, but no sensor. Check that the yellow wire is on GPIO4 (pin 7) and that a "
    "4.7 kOhm resistor joins yellow and red. A hot sensor has red and black swapped: switch off "
    "at once.",
)
GHOSTS = Finding(
    "ghosts",
    True,
    "总线上出现不存在的编号（00-…）：缺上拉电阻，或数据线没接好。请在黄线与红线之间接 4.7 kΩ 电阻。",
    "The bus shows sensors that do not exist (00-...): the pull-up is missing or the data wire "
    "is loose. Put 4.7 kOhm between yellow and red.",
)


COUNTERFEIT = Finding(
    "counterfeit",
    False,
    "传感器 {name} 不像原厂件，可能是仿冒品；可以使用，但要先校准。",
    "Sensor {name} is not like the maker's: probably a counterfeit. It may be used once it has been "
    "calibrated.",
)
COUNTERFEIT_UNFIT = Finding(
    "counterfeit_unfit",
    True,
    "传感器 {name} 是误差很大的仿冒品（零度附近可差 3 ℃）。请换一只，并记下购买渠道。",
    "Sensor {name} is a counterfeit with large errors (up to 3 K near 0 degC). Replace it, and note "
    "where it was bought.",
)


def finding_of_copy(finding: Finding, name: str) -> Finding:
    """Return a finding about who made a sensor, with its name filled in."""
    zh, en = finding.zh.format(name=name), finding.en.format(name=name)
    return Finding(finding.code, finding.is_fault, zh, en)


def finding_of(quality: Quality, name: str) -> Finding:
    """Return the finding for a sensor that gave a reading of this quality, not a good one."""
    zh, en = OF_QUALITY.get(quality, UNKNOWN)
    return Finding(quality.name.lower(), True, zh.format(name=name), en.format(name=name))


def finding_of_bus(quality: Quality) -> Finding:
    """Return the finding for a bus that gave no reading at all."""
    return {Quality.BUS_STALLED: STALLED, Quality.BUS_GONE: NO_OVERLAY}.get(
        quality, NO_SENSOR_FOUND
    )
