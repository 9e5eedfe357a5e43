// The launcher's entries. Loaded as it stands, without a build step: JupyterLab asks a prebuilt
// extension for two functions only, and lends it the modules named below.
"use strict";
(() => {
  const OWN = "commune-pilots";
  let lent;

  async function borrow(name) {
    const versions = Object.values(lent[name] ?? {});
    const version = versions.find((each) => each.loaded) ?? versions[0];
    return (await version.get())();
  }

  async function desk() {
    const [launching, apputils, coreutils, services, icons, pages] = await Promise.all(
      ["launcher", "apputils", "coreutils", "services", "ui-components", "htmlviewer"].map((name) =>
        borrow(`@jupyterlab/${name}`),
      ),
    );
    const { PathExt } = coreutils;
    const { showDialog, showErrorMessage, Dialog, InputDialog } = apputils;

    async function ask(app, path, body) {
      const settings = app.serviceManager.serverSettings;
      const url = coreutils.URLExt.join(settings.baseUrl, OWN, path);
      const sent = body && { method: "POST", body: JSON.stringify(body) };
      const answer = await services.ServerConnection.makeRequest(url, sent ?? {}, settings);
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.message || answer.statusText);
      return told;
    }

    // What to type is shown where the server offers no terminal.
    async function type(app, command, words) {
      if (coreutils.PageConfig.getOption("terminalsAvailable").toLowerCase() !== "true") {
        const body = `${words.no_terminal}\n${command}`;
        await showDialog({ title: words.category, body, buttons: [Dialog.okButton()] });
        return;
      }
      const { session } = (await app.commands.execute("terminal:create-new")).content;
      const send = () => session.send({ type: "stdin", content: [`${command}\r`] });
      if (session.connectionStatus === "connected") {
        send();
        return;
      }
      const once = () => {
        if (session.connectionStatus !== "connected") return;
        session.connectionStatusChanged.disconnect(once);
        send();
      };
      session.connectionStatusChanged.connect(once);
    }

    const does = {
      new_study: async (app, offered) => {
        const named = await InputDialog.getText({
          title: offered.words.new_study,
          label: offered.words.name_study,
          okLabel: offered.words.create,
          cancelLabel: offered.words.cancel,
        });
        if (!named.button.accept) return;
        const told = await ask(app, "new-study", { run: named.value.trim() });
        await type(app, told.command, offered.words);
      },
      run_study: async (app, offered) => {
        const chosen = await InputDialog.getItem({
          title: offered.words.choose,
          items: offered.runs,
          current: Math.max(0, offered.runs.indexOf(offered.at_hand)),
          okLabel: offered.words.run,
          cancelLabel: offered.words.cancel,
        });
        if (!chosen.button.accept) return;
        const told = await ask(app, "run-at-hand", { run: chosen.value });
        await type(app, told.command, offered.words);
      },
      briefings: async (app, offered) => {
        if (offered.index) {
          const shown = await app.commands.execute("docmanager:open", { path: offered.index });
          await shown?.context?.ready;
          await shown?.context?.revert(); // it may stand open since before the last run
          return;
        }
        const { category, nothing_published } = offered.words;
        const buttons = [Dialog.okButton()];
        await showDialog({ title: category, body: nothing_published, buttons });
      },
      new_notebook: async (app) => {
        const made = await ask(app, "notebook", {});
        await app.commands.execute("docmanager:open", { path: made.path });
      },
    };
    const pictures = {
      new_study: icons.addIcon,
      run_study: icons.runIcon,
      briefings: icons.listIcon,
      new_notebook: icons.notebookIcon,
    };

    // JupyterLab shows a page in a frame whose own links lead to addresses that the server refuses:
    // they are followed here, to another tab of JupyterLab.
    function followLinks(app, viewer) {
      const frame = viewer.node.querySelector("iframe");
      frame?.addEventListener("load", () => {
        const page = frame.contentDocument;
        page?.addEventListener("click", (event) => {
          const href = event.target.closest?.("a[href]")?.getAttribute("href");
          if (!href) return;
          event.preventDefault();
          if (href.startsWith("#")) {
            page.getElementById(decodeURIComponent(href.slice(1)))?.scrollIntoView();
          } else if (/^[a-z]+:/i.test(href)) {
            window.open(href, "_blank", "noopener");
          } else {
            const place = decodeURIComponent(href.split("#")[0]);
            const path = PathExt.join(PathExt.dirname(viewer.context.path), place);
            app.commands.execute("docmanager:open", { path });
          }
        });
      });
    }

    // JupyterLab sorts categories it does not know to the end; this one is what it is opened for.
    function showFirst(category) {
      const style = document.createElement("style");
      const card = `.jp-LauncherCard[data-category="${CSS.escape(category)}"]`;
      style.textContent = `.jp-Launcher-content { display: flex; flex-direction: column }
        .jp-Launcher-cwd { order: -2 } .jp-Launcher-section:has(${card}) { order: -1 }`;
      document.head.append(style);
    }

    return {
      id: `${OWN}:desk`,
      description: "Launcher entries: new study, run this study, last briefings, new notebook.",
      autoStart: true,
      requires: [launching.ILauncher],
      optional: [apputils.ICommandPalette, pages.IHTMLViewerTracker],
      activate: async (app, launcher, palette, viewers) => {
        viewers?.widgetAdded.connect((_, viewer) => followLinks(app, viewer));
        const { words } = await ask(app, "desk");
        showFirst(words.category);
        Object.keys(does).forEach((name, rank) => {
          const command = `${OWN}:${name.replace("_", "-")}`;
          app.commands.addCommand(command, {
            label: words[name],
            caption: words[`${name}_caption`],
            icon: pictures[name],
            // Asked anew each time: runs and briefings come and go while the page stands open.
            execute: () =>
              ask(app, "desk")
                .then((offered) => does[name](app, offered))
                .catch((failed) => showErrorMessage(words[name], failed)),
          });
          launcher.add({ command, category: words.category, rank });
          palette?.addItem({ command, category: words.category });
        });
        // The tabs of the day before come back; the entries are to be there beside them.
        app.restored.then(() => {
          const open = [...app.shell.widgets("main")].some(({ id }) => id.startsWith("launcher"));
          return open || app.commands.execute("launcher:create", { activate: false });
        });
      },
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[OWN] = {
    init: (modules) => {
      lent = modules;
    },
    get: async (name) => {
      if (name !== "./extension") throw new Error(`${OWN} has no module ${name}`);
      const plugin = await desk();
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
