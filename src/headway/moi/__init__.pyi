from headway.moi.contexts import Context as Context
from headway.moi.contexts import ctxs as ctxs
from headway.moi.group import Group as Group
from headway.moi.group import create_info as create_info
from headway.moi.group import get_id_from_user as get_id_from_user
from headway.moi.group import get_user_from_id as get_user_from_id
from headway.moi.job import AsyncResult as AsyncResult
from headway.moi.job import submit as submit
from headway.moi.job import submit_nouser as submit_nouser
from headway.moi.keys import r_client as r_client
from headway.moi.support import moi_js as moi_js
from headway.moi.support import moi_list_js as moi_list_js
from headway.moi.system import system_call as system_call

ctx_default: str
