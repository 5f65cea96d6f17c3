"""The usual way to serve such a model: FastAPI, the model in memory, a JSON line in a log for each request.

MODEL and LOG are environment variables; uvicorn runs it.
"""

import datetime
import json
import os
import time
import uuid

import joblib
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model = joblib.load(os.environ["MODEL"])
log = open(os.environ["LOG"], "a", buffering=1, encoding="utf-8")


class Chat(BaseModel):
    message: str


@app.post("/chat")
async def chat(request: Chat):
    began = time.perf_counter_ns()
    probabilities = model.predict_proba([request.message])[0]
    best = probabilities.argsort()[::-1][:3]
    answer = {
        "id": str(uuid.uuid4()),
        "reply": f"I think this is about {model.classes_[best[0]]}.",
        "route": "local",
        "intent": model.classes_[best[0]],
        "confidence": float(probabilities[best[0]]),
        "alternatives": [
            {"intent": model.classes_[index], "confidence": float(probabilities[index])} for index in best
        ],
        "latency_us": (time.perf_counter_ns() - began) // 1000,
    }
    line = {"ts": datetime.datetime.now(datetime.timezone.utc).isoformat(), "text": request.message, **answer}
    log.write(json.dumps(line) + "\n")
    return answer
