"""Letters of other scripts: where they come from, and what if they are missing."""

import contextlib
import re
import textwrap
import warnings

# Common families with Chinese, Japanese or Korean letters, for those that the usual
# font lacks; the first ones are the likeliest to look well.
FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "PingFang SC",
    "Hiragino Sans",
    "Apple SD Gothic Neo",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "SimHei",
    "IPAexGothic",
    "NanumGothic",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "Arial Unicode MS",
    "Unifont",
)


def installed_families():
    """Those of `FAMILIES` that matplotlib finds on this machine, in their order."""
    from matplotlib.font_manager import fontManager

    found = {font.name for font in fontManager.ttflist}
    return [family for family in FAMILIES if family in found]


@contextlib.contextmanager
def one_warning():
    """Says once, in one sentence, which letters no font had."""
    import matplotlib

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    missing = {}
    for one in caught:
        glyph = re.match(r"Glyph (\d+) .*missing", str(one.message))
        if glyph:
            missing[chr(int(glyph[1]))] = None
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    if missing:
        some = textwrap.shorten(" ".join(missing), 40, placeholder=" …")
        warnings.warn(
            f"The picture has boxes for {some}, as no font here has these letters: "
            "install one that does, such as Noto Sans CJK, and empty "
            f"{matplotlib.get_cachedir()}, where matplotlib notes its fonts.",
            stacklevel=6,  # whoever draws
        )
