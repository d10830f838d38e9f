// The keyboard is the terminal's from the start; textual.js waits for a click.
addEventListener("load", () => {
  const begin = new MutationObserver(() => {
    if (document.body.classList.contains("-first-byte")) {
      begin.disconnect();
      document.querySelector(".xterm-helper-textarea").focus();
    }
  });
  begin.observe(document.body, { attributes: true });
});

// What the application copies comes as a message of its own, which textual.js passes over.
window.WebSocket = class extends WebSocket {
  constructor(...address) {
    super(...address);
    this.addEventListener("message", (event) => {
      const [kind, text] = typeof event.data === "string" ? JSON.parse(event.data) : [];
      if (kind === "copy") {
        navigator.clipboard.writeText(text).catch(() => {
          document.body.classList.add("-not-copied");
          setTimeout(() => document.body.classList.remove("-not-copied"), 5000);
        });
      }
    });
  }
};
