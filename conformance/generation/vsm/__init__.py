"""Medical summaries (VSM), versions 2022.01 and 2023.01, drawn and written in one go."""

from __future__ import annotations

from conformance.generation.vsm.document import VERSIONS, VsmSetting, draw_vsm, make_vsm_setting

__all__ = ["VERSIONS", "VsmSetting", "draw_vsm", "make_vsm_setting"]
