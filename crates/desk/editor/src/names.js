// Fields that hold several names with commas between them offer those that are known for the one being written.

export function complete(input) {
  const list = input.list;
  if (!list) return;
  const known = [...list.options].map((option) => option.value);
  input.addEventListener("input", () => {
    const before = input.value.slice(0, input.value.lastIndexOf(",") + 1);
    const said = before.split(",").map((name) => name.trim());
    const lead = before ? `${before} ` : "";
    list.replaceChildren(
      ...known
        .filter((name) => !said.includes(name))
        .map((name) => Object.assign(document.createElement("option"), { value: lead + name })),
    );
  });
}
