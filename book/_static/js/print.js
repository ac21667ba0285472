// Paper is white: a page that is dark on the screen is printed in the light theme.
{
  const {dataset} = document.documentElement;
  let onScreen;
  addEventListener("beforeprint", () => { onScreen = dataset.theme; dataset.theme = "light"; });
  addEventListener("afterprint", () => { dataset.theme = onScreen; });
}
