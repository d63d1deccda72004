"""The plain Python service that scripts/load measures mnist-tch beside: FastAPI, Pillow and eager PyTorch.

Usage: WEIGHTS=FILE [THREADS=N] uvicorn service:app

WEIGHTS is what `mnist-tch export --out X.safetensors` writes, and the module `network` what `mnist-tch summary --model
wide --python` prints. PyTorch computes with THREADS threads, or with its own default: scripts/load measures which is
faster, and whether one worker is faster or one per core.
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
    """A picture as the network's input, [1, 1, 28, 28] in 0..1."""
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
        # Here rather than in a thread pool, which was tried and is slower: its threads and the event loop wait for each
        # other. But between two pictures the event loop runs, or it would accept one new connection for all the pending
        # pictures, and the last connections would wait for seconds.
        async with one_at_a_time:
            await asyncio.sleep(0)
            return read(body)
    except (UnidentifiedImageError, OSError) as failure:
        raise HTTPException(400, "this is not a picture") from failure


@app.get("/healthz")
async def healthz():
    return {}
