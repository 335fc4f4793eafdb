// What the About tab does by itself: it copies, puts the address of this server into the example, and plays its films
// while they are in sight.
const EXAMPLE = 'http://127.0.0.1:7860';

export function mount(element, { props, root }) {
  element.innerHTML = props.html;
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  for (const code of element.querySelectorAll('pre code')) {
    code.textContent = code.textContent.replace(EXAMPLE, root || location.origin);
  }
  element.addEventListener('click', event => {
    const button = event.target.closest('.ab-copy');
    if (button) copy(button);
  });
  const seen = new IntersectionObserver(entries => entries.forEach(({ target, isIntersecting }) => {
    if (isIntersecting && !target.src) target.src = root + target.dataset.src;
    if (target.tagName !== 'VIDEO') return;
    if (isIntersecting && !still) target.play().catch(() => { target.controls = true; });
    else target.pause();
  }), { rootMargin: '300px' });
  element.querySelectorAll('[data-src]').forEach(media => seen.observe(media));
}

async function copy(button) {
  const text = button.parentElement.querySelector('code').textContent;
  button.textContent = await navigator.clipboard.writeText(text).then(() => 'Copied', () => 'Select it to copy');
  setTimeout(() => { button.textContent = 'Copy'; }, 1600);
}
