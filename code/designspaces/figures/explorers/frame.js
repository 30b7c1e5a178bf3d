// What an explorer is given lies packed in its page, which is to stay light.
{
  const root = document.currentScript.parentElement;
  const packed = atob(root.querySelector(".explorer-data").textContent);
  const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
  const whole = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  root.given = new Response(whole).json();
}
