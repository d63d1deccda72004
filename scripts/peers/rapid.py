"""RapidOCR as a reader of digits: a picture's path a line in, what it reads a line out.

Rows of digits are parted by a space. Signs that are no digits are dropped. Where the detector finds
no digit, the recogniser is asked about the whole picture: the detector is made for lines of text,
and passes over most lone digits.
"""

import sys

from rapidocr_onnxruntime import RapidOCR


def digits(text):
    return "".join(character for character in text if character in "0123456789")


def rows(found):
    """Digits of what was found, top to bottom; what overlaps in height is one row."""
    boxes = []
    for corners, text, _ in found or []:
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
    engine = RapidOCR(intra_op_num_threads=2, inter_op_num_threads=1)
    for path in sys.stdin:
        path = path.rstrip("\n")
        text = ""
        try:
            text = rows(engine(path)[0])
            if not text:
                alone, _ = engine(path, use_det=False, use_cls=False, use_rec=True)
                text = digits("".join(line for line, _ in alone or []))
        except Exception as error:  # of many kinds; the picture then counts as read as nothing
            print(f"rapid.py: {path}: {error}", file=sys.stderr)
        print(text, flush=True)


if __name__ == "__main__":
    main()
