import { RtspError, tooManyFailures } from "../player/src/element.ts";

/** Who uses the page, as they say it in its form. The password is in memory alone: nowhere in the page, and gone with it. */
export class Login {
  readonly #form = document.getElementById("login") as HTMLFormElement;
  #who: { user: string; password: string } | undefined;

  /** Undefined: nobody has said. */
  get who(): { user: string; password: string } | undefined {
    return this.#who;
  }

  /**
   * Asks for a name and a password if a refusal is about who asks. then is called with them in the event of the click: in no other do
   * browsers let sound and cameras begin.
   */
  ask(refusal: unknown, then: (who: { user: string; password: string }) => void): void {
    if (!(refusal instanceof RtspError) || !(refusal.status === 401 || refusal.status === 403 || refusal.reason === tooManyFailures)) return;
    this.#form.hidden = false;
    this.#form.querySelector("button")!.textContent = refusal.status === 403 ? "Log in as another" : "Log in";
    this.#form.querySelector("input")!.focus();
    this.#form.onsubmit = (e) => {
      e.preventDefault();
      const said = new FormData(this.#form);
      this.#form.reset(); // the password stays nowhere in the page
      this.#form.hidden = true;
      this.#who = { user: String(said.get("user")), password: String(said.get("password")) };
      then(this.#who);
    };
  }
}
