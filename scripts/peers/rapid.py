"""RapidOCR as a reader of digits: one picture's path per line in, one line of text out.

Rows of digits are separated by a space. Characters other than digits are dropped. If the detector
finds no digit, the recogniser reads the whole picture: the detector is made for lines of text, and
misses most single digits.
"""

import sys

from rapidocr import RapidOCR


def digits(text):
    return "".join(character for character in text if character in "0123456789")


def rows(found):
    """Digits of what was found, top to bottom; boxes that overlap vertically are one row."""
    boxes = []
    for corners, text in zip(found.boxes, found.txts, strict=True) if len(found) else []:
        across, down = zip(*corners)
        if digits(text):
            boxes.append(((min(down) + max(down)) / 2, max(down), min(across), digits(text)))
    joined = []
    for middle, bottom, left, text in sorted(boxes):
        if joined and middle < joined[-1][0]:
            joined[-1][1].append((left, text))
        else:
            joined.append((bottom, [(left, text)]))
    return " ".join("".join(text for _, text in sorted(row)) for _, row in joined)


def main():
    engine = RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 2,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    for path in sys.stdin:
        path = path.rstrip("\n")
        text = ""
        try:
            # The engine remembers what it was told last.
            text = rows(engine(path, use_det=True, use_cls=True))
            if not text:
                alone = engine(path, use_det=False, use_cls=False)
                text = digits("".join(alone.txts or ()))
        except Exception as error:  # of any kind; the picture then counts as read as nothing
            print(f"rapid.py: {path}: {error}", file=sys.stderr)
        print(text, flush=True)


if __name__ == "__main__":
    main()
