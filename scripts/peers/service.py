"""The plain Python service that scripts/load measures mnist-tch beside: FastAPI, Pillow and eager PyTorch.

Usage: WEIGHTS=FILE [THREADS=N] uvicorn service:app

WEIGHTS is what `mnist-tch export --out X.safetensors` writes, and the module `network` what `mnist-tch summary --model
wide --python` prints. PyTorch computes with THREADS threads, or with its own default: scripts/load tries which is
faster, and whether one worker is or one a core.
"""

import asyncio
import io
import os

import numpy
import torch
from fastapi import FastAPI, HTTPException, Request
from network import Net
from PIL import Image, UnidentifiedImageError
from pydantic import BaseModel
from safetensors.torch import load_file

if "THREADS" in os.environ:
    torch.set_num_threads(int(os.environ["THREADS"]))
net = Net().eval()
net.load_state_dict(load_file(os.environ["WEIGHTS"]))
app = FastAPI()
one_at_a_time = asyncio.Lock()


class Answer(BaseModel):
    digit: int
    confidence: float
    probabilities: list[float]


def pixels(body):
    """A picture as the network takes it, [1, 1, 28, 28] in 0..1."""
    with Image.open(io.BytesIO(body)) as image:
        grey = image.convert("L").resize((28, 28))
    return torch.from_numpy(numpy.asarray(grey, numpy.float32) / 255)[None, None]


@torch.inference_mode()
def read(body):
    probabilities = net(pixels(body)).softmax(1)[0].tolist()
    confidence = max(probabilities)
    return Answer(digit=probabilities.index(confidence), confidence=confidence, probabilities=probabilities)


@app.post("/api/read")
async def predict(request: Request) -> Answer:
    body = await request.body()
    try:
        # Here rather than in a pool of threads, which was tried and is slower: they and the event loop wait for each
        # other. But between two pictures the event loop gets its turn, or it would take one new connection for all the
        # pictures at hand, and the last connections would wait for seconds.
        async with one_at_a_time:
            await asyncio.sleep(0)
            return read(body)
    except (UnidentifiedImageError, OSError) as failure:
        raise HTTPException(400, "this is no picture") from failure


@app.get("/healthz")
async def healthz():
    return {}
