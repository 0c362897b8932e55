"""Closed sets of words in the registry, each with its Chinese for spreadsheets."""

from __future__ import annotations

ROOM_USES = {
    "bedroom": "卧室",
    "living_room": "起居室",
    "kitchen": "厨房",
    "bathroom": "卫生间",
    "other": "其他",
}
POSITIONS = {"middle": "中间", "top": "顶层", "bottom": "底层", "end_wall": "冷山"}
EMITTERS = {"radiator": "散热器", "floor": "地热"}
TARGETS = {"room": "房间", "outdoor": "室外", "bench": "台架"}
ROLES = {
    "responsible_officer": "包保责任人",
    "volunteer_supervisor": "群众义务监督员",
    "street_office": "街道办事处",
    "district_department": "区供热主管部门",
    "duty_phone": "值班电话",
    "heating_enforcement": "供热执法",
    "self_heating_authority": "自供热主管部门",
    "city_department": "市供热主管部门",
    "operator": "系统管理员",
}
ROLE_SUBJECTS = {
    "responsible_officer": "source",
    "volunteer_supervisor": "estate",
    "street_office": "street",
    "district_department": "district",
    "duty_phone": "supplier",
    "heating_enforcement": "district",
    "self_heating_authority": "supplier",
    "city_department": "district",
    "operator": "district",
}
"""The table whose rows a role is responsible for."""
LANGUAGES = {"zh": "中文", "en": "英文"}
NOTICES = {
    "reported_stop": "停热报备",
    "reported_repair": "抢修报备",
    "pollution_staggering": "错时起炉",
    "announcement": "公告",
}
NOTICE_CHANNELS = {
    "phone": "电话",
    "hotline": "12345热线",
    "online": "网络",
    "in_person": "当面",
    "letter": "书面",
}
REACHES = {"near": "近端", "middle": "中端", "far": "远端"}
COMPLAINT_STATES = {"open": "办理中", "closed": "已办结"}
