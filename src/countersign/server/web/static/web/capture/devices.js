// Camera and microphone: whether they may be asked for, asking, and which there are.

import { Failure } from "./failures.js";
import { text } from "./text.js";

const CHOICE = "countersign.devices";

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(CHOICE) ?? "{}");
  } catch {
    return {};
  }
}

/** Remember which camera and microphone the person chose in this browser. */
export function remember(choice) {
  try {
    localStorage.setItem(CHOICE, JSON.stringify(choice));
  } catch {
    // storage is switched off: the choice lasts as long as the page
  }
}

/** Throws a Failure where this page, or this browser, can never record. */
export function assertPossible() {
  if (!window.isSecureContext) throw new Failure("insecure");
  if (!navigator.mediaDevices?.getUserMedia || !window.crypto?.subtle || !window.MediaRecorder) {
    throw new Failure("unsupported");
  }
}

/** A stream of the chosen devices, or of any where the chosen ones are gone; without picture for the voice alone. */
export async function open({ choice = remembered(), picture = true } = {}) {
  assertPossible();
  const wanted = (camera, microphone) => ({
    video: picture && { ...camera, facingMode: "user", width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } },
    // Suppression and gain control change a voice, and so what it is known by.
    audio: { ...microphone, channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  try {
    return await navigator.mediaDevices.getUserMedia(wanted(
      choice.camera ? { deviceId: { exact: choice.camera } } : {},
      choice.microphone ? { deviceId: { exact: choice.microphone } } : {},
    ));
  } catch (error) {
    if (!(choice.camera || choice.microphone) || !["NotFoundError", "OverconstrainedError"].includes(error.name)) throw error;
    remember({});
    return navigator.mediaDevices.getUserMedia(wanted({}, {}));
  }
}

/** Cameras and microphones with names. Names are there only once the person has allowed both. */
export async function list() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const named = (kind, key) => devices
    .filter((device) => device.kind === kind && device.deviceId)
    .map((device, at) => ({ id: device.deviceId, name: device.label || text(key, { number: at + 1 }) }));
  return { cameras: named("videoinput", "camera.number"), microphones: named("audioinput", "microphone.number") };
}

/** Which devices a stream is of. */
export function choiceOf(stream) {
  return {
    camera: stream.getVideoTracks()[0]?.getSettings().deviceId,
    microphone: stream.getAudioTracks()[0]?.getSettings().deviceId,
  };
}

export function close(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
