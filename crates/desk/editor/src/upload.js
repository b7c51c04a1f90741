// Sending a picture to the server, as it is; and asking for files.

import { number, say } from "./words.js";

const LARGEST = 30 * 1024 * 1024;

// The answer of the server to a file. `progress` is told how much has arrived there, from 0 to 1.
function post(file, progress) {
  // The library knows it by its name.
  const address = `/desk/pictures?${new URLSearchParams({ name: file.name ?? "" })}`;
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("accept", "application/json");
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
    request.addEventListener("load", () => done(request));
    request.addEventListener("error", () => failed(new Error("no connection")));
    request.send(file);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

// Sends a picture; what went wrong is thrown, in words.
export async function send(file, progress = () => {}) {
  if (file.size > LARGEST) throw new Error(say("file_too_large", { file: file.name, size: number(Math.round(file.size / 1024 / 1024)) }));
  let request;
  try {
    request = await post(file, progress);
  } catch {
    throw new Error(say("file_not_sent", { file: file.name }));
  }
  const told = parsed(request.responseText);
  if (request.status < 200 || request.status > 299) throw new Error(`${file.name}: ${told.fault ?? say("file_refused")}`);
  return told;
}

// Asks for pictures, one or several.
export function choose({ multiple = false } = {}) {
  const input = Object.assign(document.createElement("input"), { type: "file", accept: "image/*", multiple });
  input.hidden = true;
  document.body.append(input);
  return new Promise((chosen) => {
    input.addEventListener("change", () => {
      input.remove();
      chosen([...input.files]);
    });
    input.addEventListener("cancel", () => input.remove());
    input.click();
  });
}

// What is shown while a picture is sent and made ready: its name, its number among several, and how far it is.
export function progressLine(name, position, total) {
  const line = document.createElement("div");
  line.className = "uploading";
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  bar.setAttribute("aria-label", say("progress_of", { file: name }));
  line.append(said, bar);
  const which = total > 1 ? say("file_of", { file: name, place: position, total }) : name;
  said.textContent = say("file_waiting", { file: which });
  const update = (part) => {
    bar.value = part;
    const text = say(part < 1 ? "file_sending" : "file_preparing", { file: which });
    if (said.textContent !== text) said.textContent = text;
    if (part >= 1) bar.removeAttribute("value");
  };
  return { line, update };
}
