// How loud the microphone is.

const FLOOR_DB = -60;

export class LevelMeter {
  #element; #bar; #context = null; #frame = 0; #announced = 0;

  constructor(element) {
    this.#element = element;
    this.#bar = element.firstElementChild;
  }

  start(stream) {
    this.stop();
    const Context = window.AudioContext ?? window.webkitAudioContext;
    if (!Context || !stream.getAudioTracks().length) return;
    this.#context = new Context();
    this.#context.resume?.();
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = 1024;
    this.#context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const draw = (now) => {
      analyser.getFloatTimeDomainData(samples);
      let power = 0;
      for (const sample of samples) power += sample * sample;
      const decibels = 10 * Math.log10(power / samples.length + 1e-12);
      this.#show(Math.min(1, Math.max(0, 1 - decibels / FLOOR_DB)), now);
      this.#frame = requestAnimationFrame(draw);
    };
    this.#frame = requestAnimationFrame(draw);
  }

  #show(part, now) {
    this.#bar.style.transform = `scaleX(${part.toFixed(3)})`;
    this.#element.classList.toggle("loud", part > 0.95);
    if (now - this.#announced > 500) {
      this.#announced = now;
      this.#element.setAttribute("aria-valuenow", String(Math.round(100 * part)));
    }
  }

  /** A short tone: the person may be looking away. */
  tone() {
    if (!this.#context) return;
    const oscillator = this.#context.createOscillator();
    const volume = this.#context.createGain();
    volume.gain.value = 0.08;
    oscillator.frequency.value = 880;
    oscillator.connect(volume).connect(this.#context.destination);
    oscillator.start();
    oscillator.stop(this.#context.currentTime + 0.12);
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.#context?.close();
    this.#context = null;
  }
}
