// Recording, in a format that both this browser and the server know (docs/capture.md).

import { Failure } from "./failures.js";

const WITH_PICTURE = [
  "video/webm;codecs=vp8,opus",  // least work for a phone's processor
  "video/webm;codecs=vp9,opus",
  "video/mp4;codecs=avc1.42E01E,mp4a.40.2",
  "video/mp4;codecs=avc1,opus",
  "video/webm",
  "video/mp4",
];
const SOUND_ONLY = ["audio/webm;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/webm"];

/** The first type that this browser records. */
export function chosenType({ picture }) {
  const type = (picture ? WITH_PICTURE : SOUND_ONLY).find((each) => MediaRecorder.isTypeSupported(each));
  if (!type) throw new Failure("unsupported");
  return type;
}

/** The name of a file of that type. */
export function fileName(type) {
  return `recording.${type.includes("mp4") ? "mp4" : "webm"}`;
}

export class Recorder {
  #recorder; #chunks = []; #ended;

  constructor(stream, { picture }) {
    const recorded = picture ? stream : new MediaStream(stream.getAudioTracks());
    this.#recorder = new MediaRecorder(recorded, {
      mimeType: chosenType({ picture }),
      audioBitsPerSecond: 64_000,
      ...(picture ? { videoBitsPerSecond: 2_500_000 } : {}),
    });
    this.#recorder.ondataavailable = (event) => event.data.size && this.#chunks.push(event.data);
    this.#ended = new Promise((resolve, reject) => {
      this.#recorder.onstop = () => resolve();
      this.#recorder.onerror = () => reject(new Failure("lost"));
    });
    this.#ended.catch(() => {});  // heard by whoever stops it
  }

  start() {
    return new Promise((resolve, reject) => {
      this.#recorder.onstart = () => resolve();
      try {
        this.#recorder.start(500);
      } catch (error) {
        reject(error);
      }
    });
  }

  /** The recording, once it is whole. */
  async stop() {
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    await this.#ended;
    const type = this.#recorder.mimeType.split(";")[0];
    const blob = new Blob(this.#chunks, { type });
    if (!blob.size) throw new Failure("lost");
    return blob;
  }

  /** Give up; nothing is kept. */
  abandon() {
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    this.#chunks = [];
  }
}

/** What a video or another picture shows now, not mirrored, in its own size or scaled down to a width. */
export function snapshot(source, width = Infinity) {
  const [sourceWidth, sourceHeight] = [source.videoWidth ?? source.width, source.videoHeight ?? source.height];
  const canvas = document.createElement("canvas");
  canvas.width = Math.min(width, sourceWidth);
  canvas.height = Math.round((canvas.width * sourceHeight) / sourceWidth);
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** A picture as JPEG. */
export function asJpeg(canvas, quality = 0.92) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Failure("lost"))), "image/jpeg", quality);
  });
}
