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
