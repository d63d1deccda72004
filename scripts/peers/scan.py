"""A photographed sheet as if it had been scanned: what helps readers that were made for scans."""

import cv2
import numpy

MARGIN = 40  # pixels around the tables
LINE = 16  # a line is longer than the longer side divided by this
LARGE = 0.1  # share of the picture from which a table's own perspective is trusted


def outline(table):
    """The corners of a table, clockwise from the top left."""
    cells, rows, columns = table["cells"], table["rows"], table["columns"]
    places = ((0, 0), (columns - 1, 1), (rows * columns - 1, 2), ((rows - 1) * columns, 3))
    return numpy.float32([cells[cell]["corners"][corner] for cell, corner in places])


def upright(corners, size):
    """The matrix that makes a table's outline a rectangle; for a small table, one that only rotates."""
    top, right, bottom, left = (numpy.linalg.norm(corners[at] - corners[at - 1]) for at in (1, 2, 3, 0))
    if cv2.contourArea(corners) < LARGE * size[0] * size[1]:
        across, down = corners[1] - corners[0]
        turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), numpy.degrees(numpy.arctan2(down, across)), 1)
        return numpy.vstack([turn, [0, 0, 1]])
    width, height = (top + bottom) / 2, (left + right) / 2
    return cv2.getPerspectiveTransform(corners, numpy.float32([[0, 0], [width, 0], [width, height], [0, height]]))


def evened(picture):
    """The picture in grey with its paper as white everywhere: each pixel divided by the light around it."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    light = cv2.medianBlur(cv2.dilate(grey, numpy.ones((15, 15))), 41)
    white = numpy.minimum(255, 255.0 * grey / numpy.maximum(light, 1)).astype(numpy.uint8)
    return cv2.cvtColor(cv2.normalize(white, None, 0, 255, cv2.NORM_MINMAX), cv2.COLOR_GRAY2BGR)


def scanned(picture, tables):
    """The picture evenly lit, without perspective and cut to its tables, and the matrix from its pixels back.

    The outlines of the tables are the true ones, better than any that a program could find.
    """
    matrix = upright(max(map(outline, tables), key=cv2.contourArea), picture.shape[1::-1])
    corners = numpy.float32([cell["corners"] for table in tables for cell in table["cells"]])
    moved = cv2.perspectiveTransform(corners.reshape(1, -1, 2), matrix)[0]
    low, high = moved.min(0) - MARGIN, moved.max(0) + MARGIN
    matrix = numpy.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]]) @ matrix
    width, height = (int(length) for length in numpy.ceil(high - low))
    straight = cv2.warpPerspective(
        picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return evened(straight), numpy.linalg.inv(matrix)


def scanned_without_lines(picture, tables):
    """The same without the lines of its tables, which some readers take for digits."""
    scan, to_original = scanned(picture, tables)
    grey = cv2.cvtColor(scan, cv2.COLOR_BGR2GRAY)
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 51, 15)
    length = max(grey.shape) // LINE
    across, down = (cv2.morphologyEx(ink, cv2.MORPH_OPEN, numpy.ones(size)) for size in ((1, length), (length, 1)))
    lines = cv2.dilate(across | down, numpy.ones((3, 3)))
    scan[lines > 0] = 255
    return scan, to_original
