// <countersign-capture data-purpose="login | reauthentication | enrolment">: everything that camera and microphone are for.

import { Api } from "./api.js";
import { Enrolment } from "./enrolment.js";
import { Login } from "./login.js";
import { Screens } from "./screens.js";
import { Signer } from "./signer.js";

class Capture extends HTMLElement {
  #begun = false;

  connectedCallback() {
    if (this.#begun) return;
    this.#begun = true;
    const api = new Api(this.dataset.csrf);
    const parts = { root: this, api, screens: new Screens(this), signer: new Signer(api, this.dataset.account) };
    const ceremony = this.dataset.purpose === "enrolment" ? new Enrolment(parts) : new Login(parts);
    ceremony.run();
  }
}

customElements.define("countersign-capture", Capture);
